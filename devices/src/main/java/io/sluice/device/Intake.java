// SPDX-License-Identifier: Apache-2.0
package io.sluice.device;

import io.sluice.device.decode.Decoded;
import io.sluice.device.decode.Decoder;
import io.sluice.device.framing.LineFraming;
import java.time.InstantSource;

/**
 * From a device's bytes to its readings, counting. Belongs to the device's thread; only {@link #counts} may be called from any.
 */
final class Intake {

    private final String device;
    private final LineFraming framing;
    private final Decoder decoder;
    private final ReadingSink sink;
    private final InstantSource clock;
    private final BadFrames badFrames;

    private long bytes;
    private long frames;
    private long readings;
    private long undecodable;
    private long openings;
    private long bugs;
    private String lastUndecodable = "";
    private volatile DeviceStatus.Counts counts = new DeviceStatus.Counts(0, 0, 0, 0, 0, 0, 0, 0, "");

    Intake(DeviceSettings settings, ReadingSink sink, InstantSource clock) {
        this.device = settings.name();
        this.framing = switch (settings.framing()) {
            case DeviceSettings.Framing.Line line -> new LineFraming(line.bytesMax());
        };
        this.decoder = Decoder.of(settings.decoding());
        this.sink = sink;
        this.clock = clock;
        this.badFrames = new BadFrames(device, System::nanoTime);
    }

    /** Takes what one read brought; blocks as long as the sink does. */
    void take(byte[] buffer, int count) throws InterruptedException {
        bytes += count;
        long overlongBefore = framing.overlong();
        framing.take(buffer, count, this::frame);
        if (framing.overlong() > overlongBefore) {
            badFrames.report("a line is longer than allowed and was skipped");
        }
        publish();
    }

    private void frame(byte[] line, int offset, int length) throws InterruptedException {
        frames++;
        switch (decoder.decode(line, offset, length)) {
            case Decoded.Values decoded -> {
                publish(); // Before the sink, which may block for long.
                sink.accept(new Reading(device, clock.instant(), decoded.values()));
                readings++;
            }
            case Decoded.Refused refused -> {
                undecodable++;
                lastUndecodable = refused.why() + ": " + BadFrames.excerpt(line, offset, length);
                badFrames.report(lastUndecodable);
            }
        }
    }

    void linkOpened() {
        openings++;
        publish();
    }

    /** The link is gone, and with it the end of the line that was coming. */
    void linkBroke() {
        framing.linkBroke();
        publish();
    }

    void bug() {
        bugs++;
        publish();
    }

    /** What has come up to now; from any thread. */
    DeviceStatus.Counts counts() {
        return counts;
    }

    private void publish() {
        counts = new DeviceStatus.Counts(
                bytes,
                frames,
                readings,
                undecodable,
                framing.overlong(),
                framing.cut(),
                openings,
                bugs,
                lastUndecodable);
    }
}
