// SPDX-License-Identifier: Apache-2.0
package io.sluice.config;

/** An entry of a map of names: its name, where the name stands, and what is behind it. */
record Named<T>(String name, Place place, T value) {}
