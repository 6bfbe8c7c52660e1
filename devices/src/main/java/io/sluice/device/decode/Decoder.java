// SPDX-License-Identifier: Apache-2.0
package io.sluice.device.decode;

import io.sluice.device.DeviceSettings;

/** Gives a frame its meaning. Belongs to the device's thread. */
public sealed interface Decoder permits TextDecoder, CsvDecoder {

    /** The decoder for these settings. */
    static Decoder of(DeviceSettings.Decoding decoding) {
        return switch (decoding) {
            case DeviceSettings.Decoding.Text text -> new TextDecoder();
            case DeviceSettings.Decoding.Csv csv -> new CsvDecoder(csv.fields(), csv.separator());
        };
    }

    /** Decodes one frame. */
    Decoded decode(byte[] bytes, int offset, int length);
}
