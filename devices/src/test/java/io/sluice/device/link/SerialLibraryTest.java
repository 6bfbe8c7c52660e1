// SPDX-License-Identifier: Apache-2.0
package io.sluice.device.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.FileNotFoundException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where jSerialComm's native part is loaded from. */
class SerialLibraryTest {

    private static final String DIRECTORY = "jSerialComm.library.path";

    @TempDir
    private Path folder;

    private String before = "";

    @BeforeEach
    void remember() {
        before = System.getProperty(DIRECTORY, "");
    }

    @AfterEach
    void restore() {
        System.setProperty(DIRECTORY, before);
    }

    @Test
    void prepare_onAJvm_unpacksIntoTheDirectory() throws Exception {
        Path lib = folder.resolve("data/lib");
        SerialLibrary.prepare(lib);
        assertThat(lib.resolve("libjSerialComm.so")).isNotEmptyFile();
        assertThat(System.getProperty(DIRECTORY)).isEqualTo(lib.toString());
    }

    @Test
    void find_libraryBesideTheExecutable_isLoadedFromThere() throws Exception {
        Files.createFile(folder.resolve("libjSerialComm.so"));
        SerialLibrary.find(folder);
        assertThat(System.getProperty(DIRECTORY)).isEqualTo(folder.toString());
    }

    @Test
    void find_noLibraryBesideTheExecutable_saysWhereItIsExpected() {
        assertThatThrownBy(() -> SerialLibrary.find(folder))
                .isInstanceOf(FileNotFoundException.class)
                .hasMessageContaining(folder.resolve("libjSerialComm.so").toString());
    }
}
