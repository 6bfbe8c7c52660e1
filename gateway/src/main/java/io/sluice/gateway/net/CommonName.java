// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.net;

import io.sluice.gateway.access.UsersFile;
import java.security.cert.X509Certificate;
import java.util.Optional;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;

/** The common name of a certificate's subject, if it could be a user's name. */
final class CommonName {

    private CommonName() {}

    static Optional<String> of(X509Certificate certificate) {
        try {
            for (Rdn part : new LdapName(certificate.getSubjectX500Principal().getName()).getRdns()) {
                if (part.getType().equalsIgnoreCase("CN")) {
                    String name = String.valueOf(part.getValue());
                    UsersFile.checkName(name);
                    return Optional.of(name);
                }
            }
            return Optional.empty();
        } catch (InvalidNameException | IllegalArgumentException unfit) {
            return Optional.empty();
        }
    }
}
