// SPDX-License-Identifier: Apache-2.0
package io.sluice.device.decode;

import io.sluice.device.Reading;
import java.util.List;

/** What became of a frame. */
public sealed interface Decoded {

    /**
     * The values in the frame.
     *
     * @param values at least one, in the order of the frame
     */
    record Values(List<Reading.Value> values) implements Decoded {
        public Values {
            values = List.copyOf(values);
        }
    }

    /**
     * The frame has no meaning.
     *
     * @param why for the operator, without the frame
     */
    record Refused(String why) implements Decoded {}
}
