// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.net;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.sluice.config.PemFiles;
import io.sluice.config.Settings;
import io.sluice.gateway.access.Verifier;
import io.sluice.gateway.loop.Loop;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a listener with TLS shows. Its files are looked at now and then, and read anew when they have changed, so that a renewed
 * certificate needs no restart; connections that there are go on with the old one. A file that cannot be used changes nothing.
 */
final class ServerTls {

    private static final System.Logger LOG = System.getLogger(ServerTls.class.getName());

    private static final Duration LOOK_EVERY = Duration.ofSeconds(10);

    /** What every client of the last ten years speaks. */
    private static final String[] PROTOCOLS = {"TLSv1.3", "TLSv1.2"};

    private final Settings.ServerTls files;
    private volatile SslContext context;
    private List<FileTime> times;
    private @Nullable String complaint;

    /** @throws IOException if a file cannot be used; the message names it */
    ServerTls(Settings.ServerTls files) throws IOException {
        this.files = files;
        this.times = times();
        this.context = read();
    }

    /** For a new connection. From any thread. */
    SslHandler handler(ByteBufAllocator allocator, Duration handshakeWithin) {
        SslHandler handler = context.newHandler(allocator);
        handler.setHandshakeTimeoutMillis(handshakeWithin.toMillis());
        return handler;
    }

    /** Begins to look at the files, on a thread that may wait for them. On the broker thread. */
    void watch(Loop loop, Verifier verifier) {
        loop.schedule(LOOK_EVERY, () -> {
            verifier.execute(this::renew);
            watch(loop, verifier);
        });
    }

    /** Reads the files if they have changed. One thread at a time. */
    void renew() {
        try {
            List<FileTime> now = times();
            if (!now.equals(times)) {
                context = read();
                times = now;
                complaint = null;
                LOG.log(Level.INFO, "{0} has been renewed", files.certificate());
            }
        } catch (IOException unusable) {
            String why = unusable.toString();
            if (!why.equals(complaint)) { // most likely half of a renewal: it is tried again
                complaint = why;
                LOG.log(Level.WARNING, "the certificate stays as it was: {0}", why);
            }
        }
    }

    private List<FileTime> times() throws IOException {
        List<Path> paths = new ArrayList<>(List.of(files.certificate(), files.key()));
        files.clientAuthorities().ifPresent(paths::add);
        List<FileTime> found = new ArrayList<>();
        for (Path path : paths) {
            found.add(Files.getLastModifiedTime(path));
        }
        return found;
    }

    private SslContext read() throws IOException {
        List<X509Certificate> chain = PemFiles.certificates(files.certificate());
        PrivateKey key = PemFiles.privateKey(files.key());
        if (!PemFiles.belongTogether(chain.getFirst(), key)) {
            throw new IOException(
                    "%s does not belong to the first certificate in %s".formatted(files.key(), files.certificate()));
        }
        SslContextBuilder builder = SslContextBuilder.forServer(key, chain)
                .sslProvider(SslProvider.JDK)
                .protocols(PROTOCOLS);
        if (files.clientAuthorities().isPresent()) {
            builder.trustManager(PemFiles.certificates(files.clientAuthorities().get()))
                    .clientAuth(ClientAuth.REQUIRE);
        }
        return builder.build();
    }
}
