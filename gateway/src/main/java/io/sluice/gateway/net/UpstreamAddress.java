// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.net;

import java.net.URI;

/** Where an upstream broker is: {@code mqtt://HOST:PORT} or {@code mqtts://HOST:PORT}. */
record UpstreamAddress(URI uri) {

    boolean isSecure() {
        return "mqtts".equalsIgnoreCase(uri.getScheme());
    }

    /** A name or an address; one of IPv6 in brackets. */
    String host() {
        String host = uri.getHost();
        if (host != null) {
            return host;
        }
        // A host name with an underscore is none to java.net.URI, but resolvers know it.
        String authority = uri.getAuthority();
        return authority.substring(0, portColon(authority));
    }

    int port() {
        String authority = uri.getAuthority();
        int colon = portColon(authority);
        if (colon < authority.length()) {
            return Integer.parseInt(authority.substring(colon + 1));
        }
        return isSecure() ? 8883 : 1883;
    }

    private static int portColon(String authority) {
        int colon = authority.lastIndexOf(':');
        return colon > authority.lastIndexOf(']') ? colon : authority.length();
    }
}
