// SPDX-License-Identifier: Apache-2.0
package io.sluice.device.decode;

import io.sluice.device.Reading;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Comma-separated values after RFC 4180, one record a frame: a value that begins with a quote ends with one, and two quotes within
 * it stand for one. Beyond the RFC, spaces and tabs around a value are left out unless they are within quotes or are the separator.
 * A value may be empty. A frame with more or fewer values than there are names is refused, and so is a quote out of place.
 */
public final class CsvDecoder implements Decoder {

    private static final char QUOTE = '"';

    private final List<String> fields;
    private final char separator;
    private final Utf8 utf8 = new Utf8();

    /**
     * @param fields the names of the values, in order, at least one
     * @param separator neither a quote nor a line end
     */
    public CsvDecoder(List<String> fields, char separator) {
        this.fields = List.copyOf(fields);
        this.separator = separator;
    }

    @Override
    public Decoded decode(byte[] bytes, int offset, int length) {
        String text = utf8.text(bytes, offset, length);
        return text == null ? Utf8.REFUSED : new Line(text).decode();
    }

    /** One pass over one line. */
    private final class Line {
        private final String text;
        private final List<Reading.Value> values = new ArrayList<>(fields.size());
        private int found;
        private int at;

        Line(String text) {
            this.text = text;
        }

        Decoded decode() {
            boolean more = true;
            while (more) {
                skipSpace();
                String wrong = at < text.length() && text.charAt(at) == QUOTE ? quoted() : plain();
                if (wrong != null) {
                    return new Decoded.Refused(wrong);
                }
                more = at++ < text.length();
            }
            if (found != fields.size()) {
                return new Decoded.Refused(found + (found == 1 ? " value" : " values") + " where " + fields.size()
                        + (fields.size() == 1 ? " is" : " are") + " expected");
            }
            return new Decoded.Values(values);
        }

        /** Takes a value without quotes and stops at the separator or the end; what is wrong with it, or null. */
        private @Nullable String plain() {
            int start = at;
            int end = at;
            for (; at < text.length() && text.charAt(at) != separator; at++) {
                if (text.charAt(at) == QUOTE) {
                    return "a quote within value " + (found + 1) + ", which does not begin with one";
                }
                end = isSpace(text.charAt(at)) ? end : at + 1;
            }
            add(text.substring(start, end));
            return null;
        }

        /** Takes a value in quotes and stops at the separator or the end; what is wrong with it, or null. */
        private @Nullable String quoted() {
            StringBuilder value = new StringBuilder();
            for (at++; ; at++) {
                int quote = text.indexOf(QUOTE, at);
                if (quote < 0) {
                    return "value " + (found + 1) + " begins with a quote and does not end with one";
                }
                value.append(text, at, quote);
                at = quote + 1;
                if (at == text.length() || text.charAt(at) != QUOTE) {
                    break;
                }
                value.append(QUOTE);
            }
            skipSpace();
            if (at < text.length() && text.charAt(at) != separator) {
                return "text after the closing quote of value " + (found + 1);
            }
            add(value.toString());
            return null;
        }

        private void add(String value) {
            if (found < fields.size()) {
                values.add(new Reading.Value(fields.get(found), value));
            }
            found++;
        }

        private void skipSpace() {
            while (at < text.length() && isSpace(text.charAt(at))) {
                at++;
            }
        }

        private boolean isSpace(char c) {
            return (c == ' ' || c == '\t') && c != separator;
        }
    }
}
