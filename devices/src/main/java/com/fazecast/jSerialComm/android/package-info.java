// SPDX-License-Identifier: Apache-2.0
/**
 * One class of jSerialComm's that cannot be linked without Android, put aside. The build takes the original out of the program; see
 * {@code quarkus.class-loading.removed-resources}.
 */
@NullMarked
package com.fazecast.jSerialComm.android;

import org.jspecify.annotations.NullMarked;
