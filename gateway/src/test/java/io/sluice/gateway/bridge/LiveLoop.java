// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.bridge;

import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.nio.NioEventLoopGroup;
import io.sluice.gateway.loop.Loop;
import io.sluice.gateway.net.UpstreamLink;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** A broker thread of its own for a test, and ways to wait with a deadline. */
final class LiveLoop implements AutoCloseable {

    private final NioEventLoopGroup group = new NioEventLoopGroup(1);
    private final NioEventLoopGroup ioGroup = new NioEventLoopGroup(1);
    private final Loop loop = new Loop(group.next());

    Loop loop() {
        return loop;
    }

    /** Where the sockets of links live: on this loop, and with TLS or WebSocket on another. */
    UpstreamLink.Place place() {
        return new UpstreamLink.Place(group.next(), ioGroup.next(), ByteBufAllocator.DEFAULT, 512 << 10);
    }

    /** Runs the task on the broker thread and waits for its result. */
    <T> T on(Callable<T> task) {
        CompletableFuture<T> result = new CompletableFuture<>();
        loop.execute(() -> {
            try {
                result.complete(task.call());
            } catch (Exception | AssertionError e) {
                result.completeExceptionally(e);
            }
        });
        return get(result);
    }

    void run(Runnable task) {
        on(() -> {
            task.run();
            return true;
        });
    }

    static <T> T get(CompletableFuture<T> future) {
        try {
            return future.get(30, TimeUnit.SECONDS);
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Waits until the condition holds, seen from the broker thread. */
    void await(String what, Duration limit, Callable<Boolean> condition) {
        awaitAnywhere(what, limit, () -> on(condition));
    }

    static void awaitAnywhere(String what, Duration limit, BooleanSupplier condition) {
        awaitAnywhere(() -> what, limit, condition);
    }

    /** Waits until the condition holds; {@code what} is asked for when it does not. */
    static void awaitAnywhere(Supplier<String> what, Duration limit, BooleanSupplier condition) {
        long deadline = System.nanoTime() + limit.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - deadline > 0) {
                throw new AssertionError("waited " + limit + " for: " + what.get());
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
        }
    }

    @Override
    public void close() {
        ioGroup.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
        group.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
    }
}
