// SPDX-License-Identifier: Apache-2.0
package io.sluice.demo;

/** The demo cannot go on: something it needs did not start, or ended. Its message is for the person who looks on. */
final class DemoFailure extends RuntimeException {

    /** @param details shown below the message, such as the end of a log */
    DemoFailure(String message, String details) {
        super(details.isEmpty() ? message : message + "\n\n" + details);
    }
}
