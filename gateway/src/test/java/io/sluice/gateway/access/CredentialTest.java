// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.security.SecureRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CredentialTest {

    /** The keys that belong to RFC 7677's example: password "pencil", 4096 rounds. */
    private static final String PENCIL = "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$"
            + "WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=";

    @Test
    void proves_exampleOfTheRfc_onlyItsPassword() {
        Credential credential = Credential.parse(PENCIL);
        assertThat(credential.proves("pencil")).isTrue();
        assertThat(credential.proves("pencils")).isFalse();
        assertThat(credential.proves("")).isFalse();
        assertThat(credential.text()).isEqualTo(PENCIL);
    }

    @Test
    void of_samePasswordTwice_hasTwoSalts() {
        SecureRandom random = new SecureRandom();
        Credential one = Credential.of("pässwörd", 4_096, random);
        Credential two = Credential.of("pässwörd", 4_096, random);
        assertThat(one.text()).isNotEqualTo(two.text());
        assertThat(Credential.parse(one.text())).isEqualTo(one);
        assertThat(one.proves("pässwörd")).isTrue();
        assertThat(one.proves("pa\u0308sswo\u0308rd"))
                .as("the same letters, composed otherwise")
                .isTrue();
    }

    @Test
    void of_emptyPassword_isRefused() {
        assertThatThrownBy(() -> Credential.of("", 4_096, new SecureRandom())).hasMessage("the password is empty");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "pencil",
                "SCRAM-SHA-1$4096:W22ZaJ0SNY7soEsUEjb6gQ==$YQ==:YQ==",
                "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$YQ==:YQ==",
                "SCRAM-SHA-256$4095:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY="
                        + ":wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=",
                "SCRAM-SHA-256$9999999:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY="
                        + ":wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=",
                "SCRAM-SHA-256$4096:===$a=a:YQ=="
            })
    void parse_noCredential_isRefused(String text) {
        assertThatThrownBy(() -> Credential.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void toString_never_showsKeys() {
        assertThat(Credential.parse(PENCIL)).hasToString("Credential[iterations=4096]");
    }
}
