// SPDX-License-Identifier: Apache-2.0
package io.sluice.device.decode;

import io.sluice.device.Reading;
import java.util.List;

/** The whole frame is the value {@value #FIELD}, as it was sent, spaces and all. */
public final class TextDecoder implements Decoder {

    /** The name of the only value. */
    public static final String FIELD = "value";

    private final Utf8 utf8 = new Utf8();

    @Override
    public Decoded decode(byte[] bytes, int offset, int length) {
        String text = utf8.text(bytes, offset, length);
        return text == null ? Utf8.REFUSED : new Decoded.Values(List.of(new Reading.Value(FIELD, text)));
    }
}
