// SPDX-License-Identifier: Apache-2.0
@NullMarked
package io.sluice.config;

import org.jspecify.annotations.NullMarked;
