// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.cli;

import io.sluice.gateway.journal.JournalImage;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.logging.Level;
import java.util.logging.Logger;
import picocli.CommandLine.Parameters;

/** The parameter that names a journal's directory, and reading it. */
final class JournalDirectory {

    /** The exit status when everything is whole, or was read. */
    static final int WHOLE = 0;

    /** The exit status when something is damaged. */
    static final int DAMAGE = 1;

    /** The exit status when a bug ended the reading. */
    static final int BUG = 70;

    /** The exit status when the journal cannot be read, or the answer not be written. */
    static final int FAILED = 2;

    @Parameters(
            paramLabel = "DIR",
            description = "The journal's directory, or the data.dir of a gateway, below which it is.")
    private Path directory = Path.of(".");

    /** What is done with a journal. */
    interface Work {
        /** @return the exit status */
        int on(JournalImage journal, ProgressLine progress) throws IOException;
    }

    Path path() {
        return directory;
    }

    /** Opens the journal and does the work; an error is told, and makes the exit status. */
    int read(PrintWriter err, Work work) {
        // The journal tells what it repairs at a start; here it is looked at, nothing is repaired.
        Logger log = Logger.getLogger("io.sluice.gateway.journal");
        Level before = log.getLevel();
        log.setLevel(Level.OFF);
        try (JournalImage journal = JournalImage.open(directory);
                ProgressLine progress = ProgressLine.on(err)) {
            return work.on(journal, progress);
        } catch (IOException e) {
            err.println("sluice: " + reason(e));
            err.flush();
            return FAILED;
        } catch (OutOfMemoryError e) {
            err.println("sluice: " + directory + " needs more memory than there is; -Xmx gives more");
            err.flush();
            return FAILED;
        } finally {
            log.setLevel(before);
        }
    }

    private static String reason(IOException e) {
        if (e instanceof AccessDeniedException denied) {
            return denied.getFile() + ": permission denied";
        }
        if (e instanceof FileSystemException of && of.getReason() == null) {
            return of.getFile() + ": " + of.getClass().getSimpleName();
        }
        return String.valueOf(e.getMessage());
    }
}
