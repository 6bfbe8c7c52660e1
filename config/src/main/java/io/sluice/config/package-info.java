// SPDX-License-Identifier: Apache-2.0
/**
 * From {@code sluice.yaml} to settings that are already valid, or to every problem with its place. A file becomes a tree of YAML
 * nodes ({@code YamlTree}), {@code Schema} declares each key once with its type, default and range and reads the tree into drafts,
 * and {@code Assembly} fills placeholders and refuses combinations that cannot work. Runs once, on the thread that starts the
 * program; nothing here is kept. May import {@code io.sluice.topic}, {@code io.sluice.rules}, {@code io.sluice.device} and
 * SnakeYAML.
 */
@NullMarked
package io.sluice.config;

import org.jspecify.annotations.NullMarked;
