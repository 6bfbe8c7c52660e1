// SPDX-License-Identifier: Apache-2.0
package io.sluice.config;

import io.sluice.device.DeviceSettings;
import io.sluice.rules.BridgeRule;
import io.sluice.topic.Qos;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The whole configuration, already valid: what exists here can be run. Immutable, usable from any thread.
 *
 * @param gatewayId the gateway's id, a single topic level
 */
public record Settings(
        String gatewayId,
        Data data,
        Limits limits,
        Mqtt mqtt,
        List<Listener> listeners,
        List<Access> access,
        List<Device> devices,
        List<Bridge> bridges) {

    public Settings {
        listeners = List.copyOf(listeners);
        access = List.copyOf(access);
        devices = List.copyOf(devices);
        bridges = List.copyOf(bridges);
    }

    /**
     * Where and how the journal is kept.
     *
     * @param dir the only directory in which anything is written
     * @param maxBytes what the journal may occupy on disk, in bytes
     * @param maxAge how long a message is kept for whoever is away
     * @param whenFull what gives way when {@code maxBytes} is reached
     */
    public record Data(Path dir, long maxBytes, Duration maxAge, WhenFull whenFull, Shares shares, Sync sync) {}

    /**
     * How long the journal may wait before it writes.
     *
     * @param outageDelay how long what must be written gathers before it is forced
     * @param settleDelay how long a message waits for all who must have it to acknowledge it, so that it need not be written
     */
    public record Sync(Duration outageDelay, Duration settleDelay) {}

    /**
     * How much of the journal sessions may hold, in percent of its limit.
     *
     * @param sessions all together
     * @param session one alone
     */
    public record Shares(int sessions, int session) {}

    /** What gives way when the journal has reached its limit. */
    public enum WhenFull {
        /** The oldest messages are dropped and counted. */
        DROP_OLDEST,
        /** New messages are taken and dropped at once, and counted. */
        DROP_NEWEST,
        /** New messages are refused: 0x97 to MQTT 5 clients, no acknowledgement to 3.1.1 clients. */
        REJECT
    }

    /**
     * What the process may take of the machine's memory, and how that is shared out. What is not given away here is the program itself,
     * and room for the garbage collector.
     *
     * @param heapBytes what the heap may take
     * @param socketsBytes what connections may hold outside of the heap
     */
    public record Memory(long heapBytes, long socketsBytes) {

        /** @param bytes what all of it may take */
        public static Memory of(long bytes) {
            return new Memory(bytes / 2, bytes / 8);
        }

        /** The same with the heap that there really is, if that is smaller. */
        public Memory within(long heapBytesMax) {
            return new Memory(Math.min(heapBytes, heapBytesMax), socketsBytes);
        }

        /** What all outboxes may hold, in bytes. */
        public long outboxesBytes() {
            return heapBytes / 16 * 3;
        }

        /** What connections, sessions and subscriptions may take, in bytes. */
        public long stateBytes() {
            return heapBytes / 16 * 5;
        }

        /** What the journal may keep in mind of where each outbox's deliveries lie, in bytes. */
        public long journalBytes() {
            return heapBytes / 16;
        }

        /** What retained messages, and what is not yet safe on disk, may take together, in bytes. */
        public long storesBytes() {
            return heapBytes / 4;
        }

        /** The largest packet that fits, in bytes: it is in memory more than once. */
        public long packetBytesMax() {
            return heapBytes / 16;
        }
    }

    /**
     * Limits that hold for every listener.
     *
     * @param memory what all of them together must keep to
     * @param connections clients connected at the same time
     * @param sessions sessions kept, connected or not
     * @param subscriptions subscriptions of one session
     * @param allSubscriptions subscriptions of all sessions together
     * @param packetBytes the largest packet taken, in bytes
     * @param receiveMaximum QoS 1 and 2 messages that one client may have unacknowledged, 1 to 65,535
     * @param sessionExpiry the longest session expiry interval granted
     * @param keepAlive the longest keep alive granted; zero for no limit
     * @param retainedMessages retained messages kept
     * @param retainedBytes bytes of retained messages kept
     * @param ingressBytes bytes received and not yet safe on disk, over all clients
     * @param outboxMessages deliveries that one subscriber holds in memory
     * @param outboxBytes bytes of deliveries that one subscriber holds in memory
     */
    public record Limits(
            Memory memory,
            int connections,
            int sessions,
            int subscriptions,
            int allSubscriptions,
            int packetBytes,
            int receiveMaximum,
            Duration sessionExpiry,
            Duration keepAlive,
            int retainedMessages,
            long retainedBytes,
            long ingressBytes,
            int outboxMessages,
            long outboxBytes) {}

    /**
     * What is offered to MQTT clients, on every listener.
     *
     * @param topicAliases topic aliases of one connection, in each direction
     * @param checkPayloadFormat whether a payload that is said to be UTF-8 is refused if it is not
     * @param sysInterval how often the statistics are published; zero for never
     * @param responseInformation what a client is told that asks for it, where {@code {client}} stands for its client identifier
     */
    public record Mqtt(
            Qos maximumQos,
            boolean retain,
            boolean wildcardSubscriptions,
            boolean subscriptionIdentifiers,
            boolean sharedSubscriptions,
            int topicAliases,
            boolean checkPayloadFormat,
            Duration sysInterval,
            Optional<String> responseInformation,
            Optional<Redirect> redirect) {}

    /**
     * Another server that clients are sent to.
     *
     * @param to the server reference that they are told
     */
    public record Redirect(String to, When when) {

        /** When clients are sent there. */
        public enum When {
            /** When this gateway stops, until it is back. */
            ON_STOP,
            /** From now on, until this changes; no client is served. */
            NOW,
            /** From now on, and for good; no client is served. */
            FOR_GOOD
        }
    }

    /**
     * A TCP port on which MQTT clients are served.
     *
     * @param bind the address; a listener without access rules has a loopback address
     * @param port 0 to 65,535, where 0 takes a free one
     * @param access the name of the rules that hold for its clients; without them a client may do everything
     * @param webSocketPath the path under which MQTT over WebSocket is spoken; without it MQTT is spoken directly
     * @param ownThread whether its sockets are served by another thread than the broker's
     * @param limits of this listener
     */
    public record Listener(
            String name,
            String bind,
            int port,
            Optional<String> access,
            Optional<ServerTls> tls,
            Optional<String> webSocketPath,
            boolean ownThread,
            ListenerLimits limits) {

        /** A listener without access rules, with the default limits. */
        public static Listener plain(String name, String bind, int port) {
            return new Listener(
                    name,
                    bind,
                    port,
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    false,
                    ListenerLimits.DEFAULTS);
        }
    }

    /**
     * What one listener takes, beside {@link Limits}.
     *
     * @param connections connections at the same time; empty for no limit of its own
     * @param packetBytes the largest packet taken, in bytes; empty for no limit of its own
     * @param connectTimeout until CONNECT has come, TLS and WebSocket handshakes included
     * @param connectionRate connections taken in one second; more wait
     */
    public record ListenerLimits(
            OptionalInt connections, OptionalInt packetBytes, Duration connectTimeout, int connectionRate) {
        public static final ListenerLimits DEFAULTS =
                new ListenerLimits(OptionalInt.empty(), OptionalInt.empty(), Duration.ofSeconds(10), 1_000);
    }

    /**
     * What a listener with TLS shows and trusts; PEM files.
     *
     * @param certificate the chain, the server's own certificate first
     * @param key its private key, PKCS #8
     * @param clientAuthorities whose certificates clients must show; empty if they need none
     * @param identity who a client is
     */
    public record ServerTls(Path certificate, Path key, Optional<Path> clientAuthorities, Identity identity) {}

    /** Where a client's user name comes from. */
    public enum Identity {
        /** From CONNECT, proved by a password. */
        USER_NAME,
        /** From the common name of its certificate, which proves it. */
        COMMON_NAME
    }

    /**
     * Who may connect, and what they may do then.
     *
     * @param usersFile user names with what proves their passwords, as {@code sluice passwd} writes it
     * @param anonymous whether a client without a user name may connect
     */
    public record Access(String name, Optional<Path> usersFile, boolean anonymous, List<Allow> allow) {
        public Access {
            allow = List.copyOf(allow);
        }
    }

    /**
     * One rule: what those for whom it holds may do. Its topic filters may have the placeholders {@code {user}} and
     * {@code {client}}.
     *
     * @param user a user's name, or {@link #EVERY_USER}; empty for everybody, anonymous clients included
     */
    public record Allow(Optional<String> user, List<String> publish, List<String> subscribe) {
        public static final String EVERY_USER = "*";

        public Allow {
            publish = List.copyOf(publish);
            subscribe = List.copyOf(subscribe);
        }
    }

    /**
     * A device and how its readings become messages.
     *
     * @param topic the topic; with {@code {field}}, which stands for the name of a value, each value is a message of its own,
     *     without it a reading of several is one JSON object
     */
    public record Device(DeviceSettings settings, String topic, Qos qos, boolean retain) {}

    /** The link to one upstream broker. */
    public record Bridge(String name, Upstream upstream, List<BridgeRule> rules) {
        public Bridge {
            rules = List.copyOf(rules);
        }
    }

    /**
     * How an upstream broker is reached.
     *
     * @param addresses {@code mqtt://HOST:PORT} or {@code ws://HOST:PORT/PATH}, or mqtts or wss, tried in order, at least one
     * @param keepAlive 1 to 65,535 seconds
     * @param sessionExpiry how long upstream keeps the bridge's session, in whole seconds
     * @param connectTimeout for one attempt, until CONNACK
     * @param reconnectFirst the shortest pause between two attempts
     * @param reconnectLast the longest pause between two attempts
     * @param window deliveries under way upstream at the same time, 1 to 65,535; upstream's receive maximum may lower it
     */
    public record Upstream(
            List<URI> addresses,
            String clientId,
            Optional<String> userName,
            Optional<String> password,
            Optional<Tls> tls,
            Duration keepAlive,
            Duration sessionExpiry,
            Duration connectTimeout,
            Duration reconnectFirst,
            Duration reconnectLast,
            int window) {
        public Upstream {
            addresses = List.copyOf(addresses);
        }

        /** Without user name and password, so that settings can be logged. */
        @Override
        public String toString() {
            return "Upstream[addresses=%s, clientId=%s]".formatted(addresses, clientId);
        }
    }

    /**
     * What {@code mqtts} and {@code wss} trust and show; PEM files.
     *
     * @param authorities the certificates that are trusted; empty for those of the system
     * @param certificate the client's certificate chain
     * @param key the client's private key, PKCS #8
     */
    public record Tls(Optional<Path> authorities, Optional<Path> certificate, Optional<Path> key) {}
}
