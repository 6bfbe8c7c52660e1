// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.gateway.message.Payload;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Held against the exchange that RFC 7677 prints in section 3. */
class ScramExchangeTest {

    private static final Credential PENCIL = Credential.parse("SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$"
            + "WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=");
    private static final String FIRST = "n,,n=user,r=rOprNGfwEbeRWgbNEkqO";
    private static final String NONCE = "rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
    private static final String PROOF = "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";

    private static ScramExchange exchange(boolean known) {
        return new ScramExchange(
                ScramExchange.First.of(Payload.ofText(FIRST)).orElseThrow(),
                PENCIL,
                known,
                "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0");
    }

    @Test
    void exchange_ofTheRfc_isTheSame() {
        ScramExchange exchange = exchange(true);
        assertThat(exchange.user()).isEqualTo("user");
        assertThat(exchange.challenge().text()).isEqualTo("r=" + NONCE + ",s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096");
        assertThat(exchange.prove(Payload.ofText("c=biws,r=" + NONCE + ",p=" + PROOF))
                        .map(Payload::text))
                .contains("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
    }

    @Test
    void exchange_ofAUserThatThereIsNot_goesTheSameWayAndFails() {
        ScramExchange exchange = exchange(false);
        assertThat(exchange.challenge()).isEqualTo(exchange(true).challenge());
        assertThat(exchange.prove(Payload.ofText("c=biws,r=" + NONCE + ",p=" + PROOF)))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "c=biws,r=" + NONCE,
                "c=biws,r=" + NONCE + "x,p=" + PROOF,
                "c=eSws,r=" + NONCE + ",p=" + PROOF,
                "c=biws,r=" + NONCE + ",p=AAAA",
                "c=biws,r=" + NONCE + ",p====",
                "c=biws,r=" + NONCE + ",p=eHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="
            })
    void prove_anythingElse_fails(String last) {
        assertThat(exchange(true).prove(Payload.ofText(last))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "n,,n=,r=a",
                "n,,n=user,r=",
                "n,,n=us=er,r=a",
                "p=tls-unique,,n=user,r=a",
                "n,a=other,n=user,r=a",
                "n,,m=x,n=user,r=a"
            })
    void first_thatIsNone_isRefused(String first) {
        assertThat(ScramExchange.First.of(Payload.ofText(first))).isEmpty();
    }

    @Test
    void first_nameWithACommaAndAnEqualsSign_isRead() {
        assertThat(ScramExchange.First.of(Payload.ofText("y,,n=a=2Cb=3Dc,r=a")).map(ScramExchange.First::user))
                .isEqualTo(Optional.of("a,b=c"));
    }
}
