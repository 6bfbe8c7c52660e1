// SPDX-License-Identifier: Apache-2.0
package io.sluice.topic;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Selects topic names (MQTT 5.0 section 4.7): levels separated by {@code /}, where {@code +} stands for one level and a last
 * {@code #} for all that follow. A shared subscription's filter ({@code $share/NAME/FILTER}) carries its {@link ShareName} apart.
 *
 * @param share the share name, if the filter was given as {@code $share/NAME/...}
 * @param value the filter proper, without the share prefix
 */
public record TopicFilter(Optional<ShareName> share, String value) {

    private static final String SHARE_PREFIX = "$share/";

    /** @throws IllegalArgumentException if {@code value} is not a topic filter; the message says why */
    public TopicFilter {
        TopicText.check("topic filter", value);
        checkWildcards(value);
        if (share.isEmpty() && value.startsWith(SHARE_PREFIX)) {
            throw new IllegalArgumentException(
                    "topic filter: $share/ begins a shared subscription: " + TopicText.shown(value));
        }
    }

    /**
     * Reads a filter as it stands in a SUBSCRIBE packet, share prefix included.
     *
     * @throws IllegalArgumentException if {@code text} is not a topic filter; the message says why
     */
    public static TopicFilter of(String text) {
        TopicText.check("topic filter", text);
        if (!text.startsWith(SHARE_PREFIX)) {
            return new TopicFilter(Optional.empty(), text);
        }
        int end = text.indexOf('/', SHARE_PREFIX.length());
        if (end < 0 || end + 1 == text.length()) {
            throw new IllegalArgumentException("shared subscription must be $share/NAME/FILTER, found: "
                    + TopicText.shown(text)); // [MQTT-4.8.2-2]
        }
        ShareName share = new ShareName(text.substring(SHARE_PREFIX.length(), end)); // [MQTT-4.8.2-1]
        return new TopicFilter(Optional.of(share), text.substring(end + 1));
    }

    private static void checkWildcards(String value) {
        int length = value.length();
        for (int i = 0; i < length; i++) {
            char c = value.charAt(i);
            if (c != '+' && c != '#') {
                continue;
            }
            boolean opensLevel = i == 0 || value.charAt(i - 1) == '/';
            boolean closesLevel = i + 1 == length || value.charAt(i + 1) == '/';
            if (!opensLevel || !closesLevel) {
                throw new IllegalArgumentException("topic filter: " + c + " must occupy a whole level: "
                        + TopicText.shown(value)); // [MQTT-4.7.1-1, -2]
            }
            if (c == '#' && i + 1 != length) {
                throw new IllegalArgumentException(
                        "topic filter: # must be the last level: " + TopicText.shown(value)); // [MQTT-4.7.1-1]
            }
        }
    }

    /** Whether the filter selects the topic name. */
    public boolean matches(TopicName topic) {
        String name = topic.value();
        if (topic.isReserved() && (value.charAt(0) == '+' || value.charAt(0) == '#')) {
            return false; // [MQTT-4.7.2-1]
        }
        int f = 0;
        int n = 0;
        while (true) {
            if (f < value.length() && value.charAt(f) == '#') {
                return true;
            }
            int filterEnd = levelEnd(value, f);
            int nameEnd = levelEnd(name, n);
            boolean single = filterEnd - f == 1 && value.charAt(f) == '+';
            if (!single && !(filterEnd - f == nameEnd - n && value.regionMatches(f, name, n, nameEnd - n))) {
                return false;
            }
            boolean filterDone = filterEnd == value.length();
            boolean nameDone = nameEnd == name.length();
            if (filterDone || nameDone) {
                // "sport/#" also selects "sport" itself (section 4.7.1.2).
                return filterDone == nameDone || (nameDone && value.startsWith("/#", filterEnd));
            }
            f = filterEnd + 1;
            n = nameEnd + 1;
        }
    }

    private static int levelEnd(String text, int from) {
        int end = text.indexOf('/', from);
        return end < 0 ? text.length() : end;
    }

    /**
     * The filter that selects exactly the topic names that both select, or empty if there is none. Share names play no part: they
     * say who gets a message, not which.
     */
    public Optional<TopicFilter> intersection(TopicFilter other) {
        if (hidesReserved(other) || other.hidesReserved(this)) {
            return Optional.empty(); // [MQTT-4.7.2-1]
        }
        String[] mine = value.split("/", -1);
        String[] theirs = other.value.split("/", -1);
        List<String> common = new ArrayList<>();
        for (int level = 0; level < mine.length || level < theirs.length; level++) {
            if (level < mine.length && mine[level].equals("#")) {
                common.addAll(Arrays.asList(theirs).subList(level, theirs.length));
                break;
            } else if (level < theirs.length && theirs[level].equals("#")) {
                common.addAll(Arrays.asList(mine).subList(level, mine.length));
                break;
            } else if (level == mine.length || level == theirs.length) {
                return Optional.empty();
            } else if (mine[level].equals("+")) {
                common.add(theirs[level]);
            } else if (theirs[level].equals("+") || theirs[level].equals(mine[level])) {
                common.add(mine[level]);
            } else {
                return Optional.empty();
            }
        }
        String text = String.join("/", common);
        // "/#" and "+" have only the empty level in common, which is not a topic name.
        return text.isEmpty() ? Optional.empty() : Optional.of(new TopicFilter(Optional.empty(), text));
    }

    /** Whether the filter selects every topic name that the other one selects. Share names play no part. */
    public boolean covers(TopicFilter other) {
        if (hidesReserved(other)) {
            return false; // [MQTT-4.7.2-1]
        }
        if (value.equals("+/#") && other.value.equals("#")) {
            return true; // both select all that does not begin with $
        }
        String[] mine = value.split("/", -1);
        String[] theirs = other.value.split("/", -1);
        for (int level = 0; level < mine.length; level++) {
            if (mine[level].equals("#")) {
                return true;
            }
            boolean both = level < theirs.length && !theirs[level].equals("#");
            if (!both || !(mine[level].equals("+") || mine[level].equals(theirs[level]))) {
                return false;
            }
        }
        return mine.length == theirs.length;
    }

    private boolean hidesReserved(TopicFilter other) {
        return (value.charAt(0) == '+' || value.charAt(0) == '#') && other.value.charAt(0) == '$';
    }

    /** Whether the filter contains {@code +} or {@code #}. */
    public boolean hasWildcard() {
        return value.indexOf('+') >= 0 || value.indexOf('#') >= 0;
    }

    /** The filter as it stands in a SUBSCRIBE packet, share prefix included. */
    @Override
    public String toString() {
        return share.map(name -> SHARE_PREFIX + name + "/" + value).orElse(value);
    }
}
