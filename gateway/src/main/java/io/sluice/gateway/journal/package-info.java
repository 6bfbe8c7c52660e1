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
 * <p>What it guarantees:
 *
 * <ul>
 *   <li>A batch that was told to be forced is there after a power cut at any instant, whole, or the damage is counted and reported. A
 *       batch that was not may be there or not, in any part; it is whole or it is cut off.
 *   <li>Whatever the files hold, a start comes to an end, keeps all that is whole and takes new records. The only refusals are another
 *       holder's lock and a newer format version. A record that bears a right checksum and is none costs itself alone.
 *   <li>No sequence, state number or owner is given twice, not even one that was never written; after damage all go far ahead.
 *   <li>A file in which something is damaged is never deleted, only renamed when nothing else in it is needed.
 *   <li>Files together stay below {@link io.sluice.gateway.journal.JournalLimits}, and memory grows with sessions, subscriptions and
 *       retained messages, not with what waits: of that each outbox keeps a byte or two for each segment in which it has something
 *       ({@code SegmentRanges}), which is charged to a budget. When that is spent, a session that is behind gets no further segments.
 * </ul>
 *
 * <p>{@link io.sluice.gateway.journal.JournalUpkeep} keeps it within its limits: what is not needed is freed, segments of which little
 * is needed are made smaller by the reader thread, and only then something is dropped, counted by reason and owner.
 *
 * <p>{@link io.sluice.gateway.journal.Quarantine} keeps a delivery at which the process dies each time from being handed out for ever.
 *
 * <p>{@link io.sluice.gateway.journal.JournalImage} is its other face, for people: what the directory holds at one moment, read as at a
 * start, and never written, whoever works with it meanwhile.
 *
 * <p>Imports {@code memory}, {@code message}, {@code packet} (values only), {@code loop} and {@code io.sluice.topic}.
 */
@NullMarked
package io.sluice.gateway.journal;

import org.jspecify.annotations.NullMarked;
