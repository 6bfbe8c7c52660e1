// SPDX-License-Identifier: Apache-2.0
@NullMarked
package io.sluice.device;

import org.jspecify.annotations.NullMarked;
