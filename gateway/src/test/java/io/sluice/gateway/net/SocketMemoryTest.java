// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.gateway.ManualExecutor;
import io.sluice.gateway.loop.Loop;
import io.sluice.gateway.memory.Budget;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class SocketMemoryTest {

    private static final long ALL = 16_000;

    private final ManualExecutor executor = new ManualExecutor();
    private final Loop loop = new Loop(executor);
    private final Budget budget = new Budget("sockets", ALL);
    private final SocketMemory memory = new SocketMemory(budget, loop, executor::millis);
    private final List<Connection> evicted = new ArrayList<>();

    @BeforeEach
    void begin() {
        executor.run();
    }

    /** A connection whose peer reads what is flushed, or does not. */
    private final class Connection implements SocketMemory.Holder {

        private final boolean reads;
        private long output;
        private long incomplete;
        private long progressAt;
        private boolean hasRoom;

        Connection(boolean reads) {
            this.reads = reads;
            memory.join(this);
        }

        void write(long bytes) {
            progressAt = output == 0 ? executor.millis() : progressAt;
            output += bytes;
            memory.hold(bytes);
        }

        void receive(long bytes) {
            incomplete += bytes;
            memory.holdIncomplete(bytes);
        }

        @Override
        public long held() {
            return output + incomplete;
        }

        @Override
        public long incomplete() {
            return incomplete;
        }

        @Override
        public void flush() {
            if (reads) {
                long gone = output;
                output = 0;
                memory.hold(-gone);
            }
        }

        @Override
        public long progressAt() {
            return output == 0 ? executor.millis() : progressAt;
        }

        @Override
        public void onRoom() {
            hasRoom = true;
        }

        @Override
        public void evict() {
            evicted.add(this);
            long gone = output;
            long part = incomplete;
            output = 0;
            incomplete = 0;
            memory.hold(-gone);
            memory.holdIncomplete(-part);
        }
    }

    @Test
    void share_shrinksWithWhatIsHeldUntilThereIsNone() {
        Connection deaf = new Connection(false);
        long first = memory.share();
        assertThat(first).isEqualTo(ALL * 3 / 4 / 8);
        deaf.write(ALL / 2);
        assertThat(memory.share()).isEqualTo(ALL / 4 / 8);
        deaf.write(ALL / 4);
        assertThat(memory.share()).isZero();
        assertThat(evicted).isEmpty();
    }

    @Test
    void budget_exceededByThoseThatRead_isKeptByFlushing() {
        for (int i = 0; i < 20; i++) {
            new Connection(true).write(ALL / 10);
            assertThat(budget.bytes()).isLessThanOrEqualTo(ALL);
        }
        assertThat(evicted).isEmpty();
    }

    @Test
    void budget_exceededByThoseThatDoNotRead_closesTheLargest() {
        Connection small = new Connection(false);
        Connection large = new Connection(false);
        small.write(ALL / 4);
        large.write(ALL / 2);
        small.write(ALL / 8);
        large.write(ALL / 4);
        assertThat(evicted).containsExactly(large);
        assertThat(budget.bytes()).isEqualTo(small.held());
        assertThat(budget.exhaustions()).isEqualTo(1);
    }

    @Test
    void waiting_forMemoryOfThoseThatTakeNothing_getsItAfterASecond() {
        Connection deaf = new Connection(false);
        deaf.write(ALL * 3 / 4);
        Connection healthy = new Connection(true);
        memory.await(healthy);
        executor.advance(Duration.ofMillis(900));
        assertThat(evicted).isEmpty();
        executor.advance(Duration.ofMillis(200));
        assertThat(evicted).containsExactly(deaf);
        assertThat(healthy.hasRoom).isTrue();
    }

    @Test
    void waiting_isOverWhenSomethingHasGoneOut() {
        Connection slow = new Connection(true);
        slow.write(ALL * 3 / 4);
        Connection healthy = new Connection(true);
        memory.await(healthy);
        slow.flush();
        executor.run();
        assertThat(healthy.hasRoom).isTrue();
        executor.advance(Duration.ofSeconds(5));
        assertThat(evicted).isEmpty();
    }

    @Test
    void incomplete_packets_leaveHalfOfItForWhatIsSent() {
        List<Connection> partial = new ArrayList<>();
        for (int i = 1; i <= 40; i++) {
            Connection each = new Connection(true);
            partial.add(each);
            each.receive(ALL / 50 + i);
            assertThat(budget.bytes()).isLessThanOrEqualTo(ALL / 2);
            assertThat(memory.share()).isPositive();
        }
        assertThat(evicted)
                .isNotEmpty()
                .doesNotContain(partial.getFirst())
                .allSatisfy(each -> assertThat(partial).contains(each));
    }
}
