// SPDX-License-Identifier: Apache-2.0
package io.sluice.device.link;

import com.fazecast.jSerialComm.SerialPort;
import com.fazecast.jSerialComm.SerialPortInvalidPortException;
import com.fazecast.jSerialComm.SerialPortThreadFactory;
import io.sluice.device.DeviceSettings;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A serial port, through jSerialComm; the only class that knows it. Opened and read on the device's thread, closed from any.
 *
 * <ul>
 *   <li>The path is resolved at each opening, so that a link in {@code /dev/serial/by-id} is followed to wherever it points then.
 *   <li>The port is raw (no echo, no translation, no flow control) and locked with {@code flock}: a second program that asks for the
 *       lock is refused, one that does not ask is not kept out.
 *   <li>Opening raises DTR and RTS and closing lowers DTR, as the kernel does for every program; a board that takes DTR for its
 *       reset restarts when its port is opened. A port that works is not opened again.
 *   <li>A byte with a wrong parity bit is left out by the kernel. A break on the line discards what the kernel holds.
 *   <li>A serial line has no acknowledgement: when the gateway does not read in time the kernel's buffer, some 4 KiB, overflows and
 *       bytes are lost unseen. The first line after opening may be the rest of one that began before.
 *   <li>Once loaded, the library makes the whole process ignore SIGHUP, SIGUSR1 and SIGUSR2. It unpacks its native part into {@code
 *       java.io.tmpdir}, writable for everyone, and loads what it finds there under that name, unless the system property {@code
 *       jSerialComm.library.path} names a directory that has it: the program must set that.
 * </ul>
 */
public final class SerialLink implements ByteLink {

    /** How long one read waits in the kernel, in whole tenths of a second; then it is looked whether to go on. */
    private static final int WAIT_MILLIS = 200;

    private static final long CLOSE_WAIT_MILLIS = 5 * WAIT_MILLIS;
    private static final int EARLY_RETURNS_MAX = 5;

    static {
        // When the process is told to end, jSerialComm would close all ports at once, under the threads that read
        // them and before the gateway has ended in its own order. It takes the thread for that from here: this one
        // does nothing.
        SerialPortThreadFactory.set(closeAllPorts -> new Thread(() -> {}));
    }

    private final DeviceSettings.Link.Serial settings;
    private final Predicate<Path> isThere;
    /** Held while the port is opened or read: whoever closes it waits for that, so that no read meets a descriptor used anew. */
    private final ReentrantLock inUse = new ReentrantLock();

    private volatile @Nullable Opened opened;
    private volatile boolean closed;

    /** The port and the file it was opened by, links resolved. */
    private record Opened(SerialPort port, Path file) {}

    public SerialLink(DeviceSettings.Link.Serial settings) {
        this(settings, Files::exists);
    }

    /** @param isThere whether a device file that was opened is still there; no pseudo-terminal goes without a hang-up too */
    SerialLink(DeviceSettings.Link.Serial settings, Predicate<Path> isThere) {
        this.settings = settings;
        this.isThere = isThere;
    }

    @Override
    public void open() throws IOException {
        inUse.lock();
        try {
            checkNotClosed();
            Path file = resolve();
            SerialPort port = port(file);
            if (!port.openPort()) {
                throw failed(SerialErrors.opening(port.getLastErrorCode(), isThere.test(file)));
            }
            opened = new Opened(port, file);
            checkNotClosed();
        } catch (LinkageError e) {
            throw new IOException(
                    settings.place()
                            + ": the native part of jSerialComm cannot be loaded; set jSerialComm.library.path",
                    e);
        } finally {
            leave();
        }
    }

    /** jSerialComm takes {@code /dev/NAME} when {@code /any/where/NAME} is missing; so it gets a path only if that exists. */
    private Path resolve() throws IOException {
        try {
            return Path.of(settings.path()).toRealPath();
        } catch (NoSuchFileException e) {
            throw new IOException(settings.place() + " is not there; is it plugged in?", e);
        } catch (AccessDeniedException e) {
            throw new IOException(settings.place() + ": no permission to look there", e);
        }
    }

    private SerialPort port(Path file) throws IOException {
        try {
            SerialPort port = SerialPort.getCommPort(file.toString());
            port.setComPortParameters(
                    settings.baud(), settings.dataBits(), stopBits(settings.stopBits()), parity(settings.parity()));
            port.setFlowControl(SerialPort.FLOW_CONTROL_DISABLED);
            port.setComPortTimeouts(SerialPort.TIMEOUT_READ_SEMI_BLOCKING, WAIT_MILLIS, 0);
            return port;
        } catch (SerialPortInvalidPortException e) {
            throw new IOException(settings.place() + " is not there any more", e);
        }
    }

    @Override
    public int read(byte[] buffer) throws IOException {
        inUse.lock();
        try {
            Opened now = opened;
            checkNotClosed();
            if (now == null) {
                throw new IllegalStateException(settings.place() + " is read before it was opened");
            }
            return read(now, buffer);
        } finally {
            leave();
        }
    }

    private int read(Opened now, byte[] buffer) throws IOException {
        int earlyReturns = 0;
        while (true) {
            checkNotClosed();
            long start = System.nanoTime();
            int count = now.port().readBytes(buffer, buffer.length);
            if (count > 0) {
                return count;
            }
            checkNotClosed();
            if (count < 0) {
                throw failed("unplugged, or its other end is gone");
            }
            if (!isThere.test(now.file())) {
                throw failed("unplugged: " + now.file() + " is gone");
            }
            boolean early = System.nanoTime() - start < TimeUnit.MILLISECONDS.toNanos(WAIT_MILLIS / 2);
            earlyReturns = early ? earlyReturns + 1 : 0;
            if (earlyReturns >= EARLY_RETURNS_MAX) {
                // Reading on would be a busy loop; opening anew puts the settings right.
                throw failed("does not wait for bytes; another program may have changed its settings");
            }
        }
    }

    @Override
    public void close() {
        closed = true;
        try {
            if (inUse.tryLock() || inUse.tryLock(CLOSE_WAIT_MILLIS, TimeUnit.MILLISECONDS)) {
                leave();
            } else {
                // Another program has made reads wait for ever. Closing under the read wakes it.
                release();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // The reader closes the port when it leaves.
        }
    }

    /** Gives the lock back, and the port too if it was closed meanwhile. */
    private void leave() {
        try {
            if (closed) {
                release();
            }
        } finally {
            inUse.unlock();
        }
    }

    private void release() {
        Opened now = opened;
        opened = null;
        if (now != null) {
            now.port().closePort();
        }
    }

    private void checkNotClosed() throws IOException {
        if (closed) {
            throw failed("closed by the gateway");
        }
    }

    private IOException failed(String what) {
        return new IOException(settings.place() + ": " + what);
    }

    private static int parity(DeviceSettings.Parity parity) {
        return switch (parity) {
            case NONE -> SerialPort.NO_PARITY;
            case EVEN -> SerialPort.EVEN_PARITY;
            case ODD -> SerialPort.ODD_PARITY;
            case MARK -> SerialPort.MARK_PARITY;
            case SPACE -> SerialPort.SPACE_PARITY;
        };
    }

    /** A UART has one bit for this: with five data bits it means one and a half, else two. The library only ever sets it for two. */
    private static int stopBits(DeviceSettings.StopBits stopBits) {
        return switch (stopBits) {
            case ONE -> SerialPort.ONE_STOP_BIT;
            case ONE_AND_A_HALF, TWO -> SerialPort.TWO_STOP_BITS;
        };
    }
}
