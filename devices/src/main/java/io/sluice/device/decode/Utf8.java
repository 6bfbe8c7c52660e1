// SPDX-License-Identifier: Apache-2.0
package io.sluice.device.decode;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Text that must be well-formed: a byte that the line has garbled must not be published as something else. */
final class Utf8 {

    static final Decoded.Refused REFUSED = new Decoded.Refused("not UTF-8");

    /** Reports what is ill-formed, which is how a new decoder behaves. */
    private final CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();

    /** The text, or null if the bytes are not well-formed UTF-8. */
    @Nullable
    String text(byte[] bytes, int offset, int length) {
        try {
            return decoder.decode(ByteBuffer.wrap(bytes, offset, length)).toString();
        } catch (CharacterCodingException e) {
            return null;
        }
    }
}
