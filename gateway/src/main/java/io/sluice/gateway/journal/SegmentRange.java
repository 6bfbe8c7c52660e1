// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.journal;

/**
 * The deliveries of one outbox within one segment.
 *
 * @param last inclusive
 */
record SegmentRange(Segment segment, long first, long last) {}
