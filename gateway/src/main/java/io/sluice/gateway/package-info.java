// SPDX-License-Identifier: Apache-2.0
@NullMarked
package io.sluice.gateway;

import org.jspecify.annotations.NullMarked;
