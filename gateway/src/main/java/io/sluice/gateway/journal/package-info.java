// SPDX-License-Identifier: Apache-2.0
/**
 * The one append-only log on disk in which everything durable is written; state is what replaying it gives.
 *
 * <p>{@link io.sluice.gateway.journal.Journal} is its face on the broker thread: records gather in a batch while the previous one is
 * being forced, and whoever must not speak before a record is safe waits for its batch. One writer thread writes and forces, one
 * reader thread refills outboxes whose tail is only on disk. The bytes are drawn in {@code JournalFormat}; every file is touched
 * through {@link io.sluice.gateway.journal.Disk}, so that tests can take away what was not forced.
 *
 * <p>A message that all who must have it are about to settle waits in {@code Deferrals}, and is never written if they do. Who must not
 * speak before something is safe has a receipt for it: the number of a batch, or below 0 that of a record that waits.
 *
 * <p>{@link io.sluice.gateway.journal.JournalUpkeep} keeps it within its limits: what is not needed is freed, segments of which little
 * is needed are made smaller by the reader thread, and only then something is dropped, counted by reason and owner. It starts whatever
 * the directory holds; the only refusals are another holder's lock and a newer format version.
 *
 * <p>Imports {@code message}, {@code packet} (values only), {@code loop} and {@code io.sluice.topic}.
 */
@NullMarked
package io.sluice.gateway.journal;

import org.jspecify.annotations.NullMarked;
