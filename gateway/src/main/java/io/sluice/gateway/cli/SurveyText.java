// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.cli;

import io.sluice.gateway.journal.JournalOwner;
import io.sluice.gateway.journal.JournalSurvey;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.function.LongUnaryOperator;

/** A survey as a table for people, and as JSON for machines. Keys once given keep their meaning; new ones may come. */
final class SurveyText {

    private final JournalSurvey survey;
    private final LongUnaryOperator wallMillis;

    /** @param wallMillis tells the wall clock's time for the journal's */
    SurveyText(JournalSurvey survey, LongUnaryOperator wallMillis) {
        this.survey = survey;
        this.wallMillis = wallMillis;
    }

    String table() {
        StringBuilder text = new StringBuilder();
        JournalSurvey.Clocks clocks = survey.clocks();
        line(text, "journal      %s".formatted(survey.journalId()));
        line(text, "last write   %s by the journal's clock".formatted(Instant.ofEpochMilli(clocks.lastWritten())));
        line(text, "clock        %s".formatted(clock(clocks)));
        JournalSurvey.Counts counts = survey.counts();
        line(
                text,
                "holds        sessions %,d, subscriptions %,d, shared %,d, bridge outboxes %,d, retained messages %,d"
                        .formatted(
                                counts.sessions(),
                                counts.subscriptions(),
                                counts.shares(),
                                counts.bridgeOutboxes(),
                                counts.retained()));
        if (survey.damagedBytes() + survey.unreadableBytes() > 0) {
            line(
                    text,
                    "damage       %,d bytes are no records any more, %,d bytes cannot be read: see 'sluice journal verify'"
                            .formatted(survey.damagedBytes(), survey.unreadableBytes()));
        }
        segments(text);
        outboxes(text);
        return text.toString();
    }

    private String clock(JournalSurvey.Clocks clocks) {
        if (clocks.noted() == 0) {
            return "no note of how the journal's clock stands to the machine's";
        }
        String noted = "noted at %s".formatted(Instant.ofEpochMilli(clocks.noted()));
        if (clocks.trusted() == 0) {
            return noted + "; the wall clock was not known to be right";
        }
        long ahead = clocks.trustedWall() - clocks.trusted();
        return noted
                + (ahead == 0
                        ? "; it shows the wall clock's time"
                        : "; the wall clock is %s %s".formatted(age(Math.abs(ahead)), ahead > 0 ? "ahead" : "behind"));
    }

    private void segments(StringBuilder text) {
        line(text, "");
        line(
                text,
                "%-26s %7s %10s %12s %12s  %s"
                        .formatted("SEGMENT", "FORMAT", "GENERATION", "BYTES", "LIVE BYTES", "STATE"));
        long bytes = 0;
        long live = 0;
        for (JournalSurvey.SegmentFile segment : survey.segments()) {
            line(
                    text,
                    "%-26s %7s %10s %,12d %12s  %s"
                            .formatted(
                                    segment.file(),
                                    segment.version() == 0 ? "-" : String.valueOf(segment.version()),
                                    "%08x".formatted(segment.generation()),
                                    segment.bytes(),
                                    number(segment.liveBytes()),
                                    words(segment.state())));
            bytes += segment.bytes();
            live += segment.liveBytes().orElse(0);
        }
        boolean read = survey.segments().stream()
                .anyMatch(segment -> segment.liveBytes().isPresent());
        line(text, "%-26s %7s %10s %,12d %12s".formatted("all", "", "", bytes, read ? "%,d".formatted(live) : "-"));
    }

    private void outboxes(StringBuilder text) {
        line(text, "");
        line(
                text,
                "%8s  %-8s %12s %14s %14s  %s".formatted("OUTBOX", "KIND", "DELIVERIES", "BYTES", "OLDEST", "OWNER"));
        long empty = 0;
        for (JournalSurvey.Box box : survey.outboxes()) {
            if (box.deliveries() == 0) {
                empty++;
                continue;
            }
            line(
                    text,
                    "%8d  %-8s %,12d %14s %14s  %s"
                            .formatted(
                                    box.owner().number(),
                                    words(box.owner().kind()),
                                    box.deliveries(),
                                    number(box.bytes()),
                                    box.oldestMillis().isPresent()
                                            ? age(box.oldestMillis().getAsLong())
                                            : "-",
                                    printable(box.owner().label())));
        }
        if (empty > 0) {
            line(text, "and %,d that %s empty".formatted(empty, empty == 1 ? "is" : "are"));
        }
    }

    private static void line(StringBuilder text, String line) {
        text.append(line.stripTrailing()).append('\n');
    }

    private static String number(OptionalLong value) {
        return value.isPresent() ? "%,d".formatted(value.getAsLong()) : "-";
    }

    private static String words(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    private static String key(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** A client may have control characters in its identifier; a terminal must not obey them. */
    private static String printable(String name) {
        return name.replaceAll("\\p{C}", "?");
    }

    /** Two units, such as 3d 4h. */
    static String age(long millis) {
        Duration age = Duration.ofMillis(millis);
        if (age.toDays() > 0) {
            return "%dd %dh".formatted(age.toDays(), age.toHoursPart());
        }
        if (age.toHours() > 0) {
            return "%dh %dmin".formatted(age.toHours(), age.toMinutesPart());
        }
        if (age.toMinutes() > 0) {
            return "%dmin %ds".formatted(age.toMinutes(), age.toSecondsPart());
        }
        return "%d.%ds".formatted(age.toSeconds(), age.toMillisPart() / 100);
    }

    String json() {
        Json json = new Json().object();
        json.put("journalId", survey.journalId().toString());
        json.put("damagedBytes", survey.damagedBytes());
        json.put("unreadableBytes", survey.unreadableBytes());
        clocks(json);
        JournalSurvey.Counts counts = survey.counts();
        json.object("counts")
                .put("sessions", counts.sessions())
                .put("subscriptions", counts.subscriptions())
                .put("shares", counts.shares())
                .put("bridgeOutboxes", counts.bridgeOutboxes())
                .put("retained", counts.retained())
                .endObject();
        json.array("segments");
        for (JournalSurvey.SegmentFile segment : survey.segments()) {
            json.object().put("file", segment.file()).put("state", key(segment.state()));
            if (segment.number() >= 0) {
                json.put("number", segment.number());
            }
            if (segment.version() > 0) {
                json.put("formatVersion", segment.version())
                        .put("generation", Integer.toUnsignedLong(segment.generation()));
            }
            json.put("bytes", segment.bytes());
            segment.liveBytes().ifPresent(bytes -> json.put("liveBytes", bytes));
            json.endObject();
        }
        json.endArray().array("outboxes");
        for (JournalSurvey.Box box : survey.outboxes()) {
            json.object();
            owner(json, box.owner());
            json.put("deliveries", box.deliveries());
            box.bytes().ifPresent(bytes -> json.put("bytes", bytes));
            box.oldestMillis().ifPresent(age -> json.put("oldestAgeMillis", age));
            json.endObject();
        }
        return json.endArray().endObject().take();
    }

    private void clocks(Json json) {
        JournalSurvey.Clocks clocks = survey.clocks();
        json.object("clock").put("now", clocks.now()).put("lastWritten", clocks.lastWritten());
        json.put(
                "lastWrittenAt",
                Instant.ofEpochMilli(wallMillis.applyAsLong(clocks.lastWritten()))
                        .toString());
        if (clocks.noted() > 0) {
            json.object("note")
                    .put("journal", clocks.noted())
                    .put("bootId", clocks.bootId())
                    .put("uptime", clocks.uptime());
            if (clocks.trusted() > 0) {
                json.put("trustedJournal", clocks.trusted()).put("trustedWall", clocks.trustedWall());
            }
            json.endObject();
        }
        json.endObject();
    }

    /** Whose an outbox is, within an object. */
    static void owner(Json json, JournalOwner owner) {
        json.put("outbox", owner.number()).put("kind", key(owner.kind()));
        switch (owner.kind()) {
            case SESSION -> json.put("client", owner.name());
            case BRIDGE -> json.put("bridge", owner.name()).put("rule", owner.rule());
            case SHARE -> json.put("filter", owner.name());
            case NOBODY -> {}
        }
    }
}
