// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.codec;

/** Who wrote a packet: some rules hold in one direction only. */
enum Sender {
    CLIENT,
    SERVER
}
