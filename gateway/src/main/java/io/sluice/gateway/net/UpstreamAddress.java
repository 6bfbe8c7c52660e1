// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.net;

import java.net.URI;

/**
 * Where an upstream broker is: {@code mqtt://HOST:PORT} or {@code ws://HOST:PORT/PATH}, with an s behind the scheme where TLS is to be
 * below it.
 */
record UpstreamAddress(URI uri) {

    boolean isSecure() {
        return uri.getScheme().endsWith("s") && !uri.getScheme().equals("ws");
    }

    boolean isWebSocket() {
        return uri.getScheme().startsWith("ws");
    }

    /** Whether there is arithmetic to be done on what goes over the wire, which must not hold up the broker. */
    boolean isApart() {
        return isSecure() || isWebSocket();
    }

    /** The path at which a WebSocket is asked for. */
    String path() {
        return uri.getRawPath();
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
        return switch (uri.getScheme()) {
            case "ws" -> 80;
            case "wss" -> 443;
            case "mqtts" -> 8883;
            default -> 1883;
        };
    }

    private static int portColon(String authority) {
        int colon = authority.lastIndexOf(':');
        return colon > authority.lastIndexOf(']') ? colon : authority.length();
    }
}
