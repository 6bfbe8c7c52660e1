// SPDX-License-Identifier: Apache-2.0
package io.sluice.device.link;

/** What Linux error numbers mean when a serial port cannot be opened, in words for the operator. */
final class SerialErrors {

    private static final int EPERM = 1;
    private static final int ENOENT = 2;
    private static final int EIO = 5;
    private static final int ENXIO = 6;
    private static final int EAGAIN = 11;
    private static final int EACCES = 13;
    private static final int EBUSY = 16;
    private static final int ENODEV = 19;
    private static final int EINVAL = 22;
    private static final int ENOTTY = 25;

    private SerialErrors() {}

    /**
     * @param number the error number as jSerialComm gives it, which says 2 also for a port that this process has open already
     * @param present whether the device file exists
     */
    static String opening(int number, boolean present) {
        return switch (number) {
            case EPERM, EACCES ->
                "no permission; the gateway's user must be in the group that owns the port, often dialout";
            case ENOENT -> present ? "in use by another device of this gateway" : "not there any more";
            case EAGAIN, EBUSY -> "in use by another program";
            case ENOTTY -> "not a serial port";
            case EIO, ENXIO, ENODEV -> "there is no hardware behind it";
            case EINVAL -> "it refuses these settings (baud, data bits, parity, stop bits)";
            default -> "cannot be opened (error number " + number + ")";
        };
    }
}
