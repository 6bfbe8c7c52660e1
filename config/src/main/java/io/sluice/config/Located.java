// SPDX-License-Identifier: Apache-2.0
package io.sluice.config;

/** A value and where in the file it stands. */
record Located<T>(T value, Place place) {}
