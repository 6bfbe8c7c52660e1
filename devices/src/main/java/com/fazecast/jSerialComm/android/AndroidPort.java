// SPDX-License-Identifier: Apache-2.0
package com.fazecast.jSerialComm.android;

import com.fazecast.jSerialComm.SerialPort;

/**
 * Stands where jSerialComm has its way into Android, which refers to Android's classes and cannot be linked into a native executable. It has
 * the methods that {@code SerialPort} calls; on Linux it calls none, and there is never an object of this class.
 */
public abstract class AndroidPort {

    private AndroidPort() {}

    public static void setAndroidContext(Object context) {
        // Nobody has one to give.
    }

    public static SerialPort[] getCommPortsNative() {
        return new SerialPort[0];
    }

    public abstract long openPortNative(SerialPort port);

    public abstract long closePortNative();

    public abstract boolean configPort(SerialPort port);

    public abstract boolean flushRxTxBuffers();

    public abstract int waitForEvent();

    public abstract int bytesAvailable();

    public abstract int bytesAwaitingWrite();

    public abstract int readBytes(byte[] buffer, long bytes, long offset, int timeoutMode, int readTimeout);

    public abstract int writeBytes(byte[] buffer, long bytes, long offset, int timeoutMode);

    public abstract void setEventListeningStatus(boolean running);

    public abstract boolean setBreak();

    public abstract boolean clearBreak();

    public abstract boolean setRTS();

    public abstract boolean clearRTS();

    public abstract boolean setDTR();

    public abstract boolean clearDTR();

    public abstract boolean setDTRandRTS(boolean dtr, boolean rts);

    public abstract boolean getCTS();

    public abstract boolean getDSR();

    public abstract boolean getDCD();

    public abstract boolean getDTR();

    public abstract boolean getRTS();

    public abstract boolean getRI();

    public abstract int getLastErrorLocation();

    public abstract int getLastErrorCode();
}
