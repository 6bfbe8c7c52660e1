// SPDX-License-Identifier: Apache-2.0
package io.sluice.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is wrong with a listener's certificate is said with the place that names the file. */
class TlsFilesTest {

    private static final String YAML = "listeners: {a: {tls: {certificate: %s, key: %s}}}";

    @TempDir
    Path dir;

    private Readings readings;

    @BeforeEach
    void copy() throws IOException {
        readings = new Readings(dir);
        copyTo(dir);
    }

    /** A certificate until 2120, its key, and one that expired in 2020. */
    static void copyTo(Path dir) throws IOException {
        for (String name : new String[] {"server.pem", "server.key", "expired.pem"}) {
            try (InputStream in = Objects.requireNonNull(TlsFilesTest.class.getResourceAsStream(name))) {
                Files.copy(in, dir.resolve(name));
            }
        }
        Files.copy(dir.resolve("server.pem"), dir.resolve("ca.pem"));
    }

    @Test
    void tls_filesThatBelongTogether_areTaken() {
        assertThat(readings.valid(YAML.formatted("server.pem", "server.key"))
                        .listeners()
                        .getFirst()
                        .tls())
                .contains(new Settings.ServerTls(
                        dir.resolve("server.pem"),
                        dir.resolve("server.key"),
                        Optional.empty(),
                        Settings.Identity.USER_NAME));
    }

    @Test
    void tls_keyOfAnother_isRefused() throws IOException, NoSuchAlgorithmException {
        byte[] other = KeyPairGenerator.getInstance("Ed25519")
                .generateKeyPair()
                .getPrivate()
                .getEncoded();
        Files.writeString(
                dir.resolve("other.key"),
                "-----BEGIN PRIVATE KEY-----\n" + Base64.getEncoder().encodeToString(other)
                        + "\n-----END PRIVATE KEY-----\n");
        assertThat(readings.problems(YAML.formatted("server.pem", "other.key")))
                .containsExactly("sluice.yaml:1:53: the key does not belong to the first certificate in server.pem;"
                        + " name the key with which it was made, and put the server's own certificate first");
    }

    @Test
    void tls_filesMixedUp_areRefused() {
        assertThat(readings.problems(YAML.formatted("server.key", "server.pem")))
                .containsExactly(
                        "sluice.yaml:1:36: server.key: expected a PEM block \"CERTIFICATE\", found PRIVATE KEY;"
                                + " name a PEM file with certificates",
                        "sluice.yaml:1:53: server.pem: expected a PEM block \"PRIVATE KEY\", found CERTIFICATE;"
                                + " name a PEM file with a PKCS #8 key: openssl pkcs8 -topk8 -nodes -in OLD -out NEW"
                                + " makes one");
    }

    @Test
    void tls_certificateThatHasExpired_isUsableAndWarnedOf() {
        SettingsReader.Result result = readings.read(YAML.formatted("expired.pem", "server.key"));
        assertThat(result)
                .isInstanceOfSatisfying(
                        SettingsReader.Valid.class,
                        valid -> assertThat(valid.warnings())
                                .singleElement()
                                .hasToString(dir.resolve("sluice.yaml")
                                        + ":1:36: the certificate of CN=test expired on 2020-02-01T00:00:00Z;"
                                        + " renew it; a running gateway takes the new one by itself"));
    }

    @Test
    void tls_commonNameWithoutClientCertificates_isRefused() {
        assertThat(readings.problems(
                        "listeners: {a: {tls: {certificate: server.pem, key: server.key, identity: common-name}}}"))
                .containsExactly("sluice.yaml:1:75: 'identity' is common-name, but clients show no certificate;"
                        + " add 'client-ca: FILE'");
    }

    @Test
    void access_withoutUsers_isPossibleWhereCertificatesTellWhoAClientIs() {
        Settings settings = readings.valid("""
                listeners:
                  a: {access: plant, tls: {certificate: server.pem, key: server.key, client-ca: ca.pem, identity: common-name}}
                access: {plant: {allow: [{user: "*", publish: a}]}}
                """);
        assertThat(settings.access()).hasSize(1);
    }
}
