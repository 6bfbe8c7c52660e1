// SPDX-License-Identifier: Apache-2.0

import com.digitalpetri.modbus.Crc16;
import com.digitalpetri.modbus.ExceptionCode;
import com.digitalpetri.modbus.FunctionCode;
import com.digitalpetri.modbus.ModbusRtuFrame;
import com.digitalpetri.modbus.TimeoutScheduler;
import com.digitalpetri.modbus.client.ModbusClient;
import com.digitalpetri.modbus.client.ModbusClientConfig;
import com.digitalpetri.modbus.client.ModbusRtuClient;
import com.digitalpetri.modbus.client.ModbusRtuClientTransport;
import com.digitalpetri.modbus.client.ModbusTcpClient;
import com.digitalpetri.modbus.exceptions.ModbusException;
import com.digitalpetri.modbus.exceptions.ModbusResponseException;
import com.digitalpetri.modbus.exceptions.ModbusTimeoutException;
import com.digitalpetri.modbus.exceptions.UnknownUnitIdException;
import com.digitalpetri.modbus.pdu.ModbusRequestPdu;
import com.digitalpetri.modbus.pdu.ReadHoldingRegistersRequest;
import com.digitalpetri.modbus.pdu.ReadHoldingRegistersResponse;
import com.digitalpetri.modbus.pdu.ReadInputRegistersRequest;
import com.digitalpetri.modbus.pdu.ReadInputRegistersResponse;
import com.digitalpetri.modbus.pdu.WriteSingleRegisterRequest;
import com.digitalpetri.modbus.pdu.WriteSingleRegisterResponse;
import com.digitalpetri.modbus.serial.client.SerialPortClientTransport;
import com.digitalpetri.modbus.serial.server.SerialPortServerTransport;
import com.digitalpetri.modbus.server.ModbusRequestContext;
import com.digitalpetri.modbus.server.ModbusRequestContext.ModbusRtuRequestContext;
import com.digitalpetri.modbus.server.ModbusRtuServer;
import com.digitalpetri.modbus.server.ModbusServerConfig;
import com.digitalpetri.modbus.server.ModbusServices;
import com.digitalpetri.modbus.server.ModbusTcpServer;
import com.digitalpetri.modbus.server.ProcessImage;
import com.digitalpetri.modbus.server.ReadWriteModbusServices;
import com.digitalpetri.modbus.tcp.client.NettyTcpClientTransport;
import com.digitalpetri.modbus.tcp.server.NettyTcpServerTransport;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.nio.NioEventLoopGroup;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.ToIntFunction;

/**
 * Whether the Modbus library works, on a JVM and in a native executable: its clients read from and write to its servers, over TCP on
 * loopback and as RTU over a serial line, are refused an address, and get no answer. Prints a line for each and exits with 0 if all are
 * right. Everything runs on threads that the library is given.
 */
final class ModbusProbe implements AutoCloseable {

    private static final String LOOPBACK = "127.0.0.1";
    private static final int UNIT = 7;
    private static final int ABSENT_UNIT = 8;
    private static final int FIRST = 100;
    private static final int COUNT = 3;
    private static final int WRITTEN = 0xBEEF;
    private static final Duration ANSWER_WITHIN = Duration.ofSeconds(3);
    private static final int READY_SECONDS = 30;

    private final EventLoopGroup loop = new NioEventLoopGroup(1);
    private final ExecutorService worker = Executors.newSingleThreadExecutor();
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    private int failures;

    private ModbusProbe() {}

    /**
     * @param arguments the two ends of a serial line: the client's and the server's
     */
    public static void main(String[] arguments) throws Exception {
        if (arguments.length != 2) {
            throw new IllegalArgumentException("expected the two ends of a serial line, found " + List.of(arguments));
        }
        int failures;
        try (ModbusProbe probe = new ModbusProbe()) {
            probe.tcp();
            probe.rtu(Path.of(arguments[0]).toRealPath(), Path.of(arguments[1]).toRealPath());
            probe.check("threads", probe::noThreadOfTheLibrary);
            failures = probe.failures;
        }
        System.exit(failures == 0 ? 0 : 1);
    }

    private void tcp() throws Exception {
        ProcessImage image = image();
        CompletableFuture<Integer> port = new CompletableFuture<>();
        ModbusTcpServer server = ModbusTcpServer.create(
                NettyTcpServerTransport.create(settings -> settings.setBindAddress(LOOPBACK)
                        .setPort(0)
                        .setEventLoopGroup(loop)
                        .setExecutor(worker)
                        .setBootstrapCustomizer(bootstrap -> bootstrap.handler(new PortReader(port)))),
                new Device(image));
        server.start();
        int bound = port.get(READY_SECONDS, TimeUnit.SECONDS);
        ModbusTcpClient client = ModbusTcpClient.create(
                NettyTcpClientTransport.create(settings -> settings.setHostname(LOOPBACK)
                        .setPort(bound)
                        .setEventLoopGroup(loop)
                        .setExecutor(worker)
                        .setChannelFsmCustomizer(connection -> connection.setScheduler(timer))),
                this::configure);
        client.connect();
        talk("TCP", client, image, ModbusResponseException::getExceptionCode);
        client.disconnect();
        server.stop();
    }

    private void rtu(Path clientEnd, Path serverEnd) throws Exception {
        ProcessImage image = image();
        ModbusRtuServer server = new RtuServer(
                SerialPortServerTransport.create(
                        settings -> settings.setSerialPort(serverEnd.toString()).setExecutor(worker)),
                new Device(image));
        server.start();
        Line line = new Line(SerialPortClientTransport.create(
                settings -> settings.setSerialPort(clientEnd.toString()).setExecutor(worker)));
        ModbusRtuClient client = ModbusRtuClient.create(line, this::configure);
        client.connect();
        talk("RTU", client, image, refusal -> line.exceptionCode);
        client.disconnect();
        server.stop();
    }

    private void configure(ModbusClientConfig.Builder settings) {
        settings.setRequestTimeout(ANSWER_WITHIN).setTimeoutScheduler(TimeoutScheduler.create(worker, timer));
    }

    private void talk(
            String over, ModbusClient client, ProcessImage image, ToIntFunction<ModbusResponseException> code) {
        check(over + " holding registers", () -> holding(client, new int[] {1, 0x8000, 0xFFFF}));
        check(over + " input registers", () -> {
            byte[] read = client.readInputRegisters(UNIT, new ReadInputRegistersRequest(FIRST, COUNT))
                    .registers();
            return expect(new int[] {11, 12, 13}, read);
        });
        check(over + " write of one register", () -> {
            client.writeSingleRegister(UNIT, new WriteSingleRegisterRequest(FIRST + 1, WRITTEN));
            byte[] stored = image.get(all -> all.readHoldingRegisters(registers -> registers.get(FIRST + 1)));
            expect(new int[] {WRITTEN}, stored);
            return holding(client, new int[] {1, WRITTEN, 0xFFFF});
        });
        check(over + " illegal data address", () -> {
            try {
                client.readHoldingRegisters(UNIT, new ReadHoldingRegistersRequest(FIRST + COUNT, 1));
            } catch (ModbusResponseException e) {
                ExceptionCode found = ExceptionCode.from(code.applyAsInt(e))
                        .orElseThrow(() -> new IllegalStateException("no code", e));
                if (found != ExceptionCode.ILLEGAL_DATA_ADDRESS) {
                    throw new IllegalStateException("refused with " + found, e);
                }
                return "refused with " + found + ": " + e.getMessage();
            }
            throw new IllegalStateException("an address that does not exist was read");
        });
        check(over + " no answer", () -> {
            try {
                client.readHoldingRegisters(ABSENT_UNIT, new ReadHoldingRegistersRequest(FIRST, 1));
            } catch (ModbusTimeoutException e) {
                return e.getMessage();
            }
            throw new IllegalStateException("a unit that does not exist has answered");
        });
        check(over + " after that", () -> holding(client, new int[] {1, WRITTEN, 0xFFFF}));
    }

    private static String holding(ModbusClient client, int[] expected) throws ModbusException {
        return expect(
                expected,
                client.readHoldingRegisters(UNIT, new ReadHoldingRegistersRequest(FIRST, COUNT))
                        .registers());
    }

    private static String expect(int[] expected, byte[] read) {
        ByteBuffer bytes = ByteBuffer.wrap(read);
        int[] found = new int[read.length / 2];
        Arrays.setAll(found, index -> Short.toUnsignedInt(bytes.getShort()));
        if (!Arrays.equals(expected, found)) {
            throw new IllegalStateException(
                    "expected " + Arrays.toString(expected) + ", found " + Arrays.toString(found));
        }
        return Arrays.toString(found);
    }

    private String noThreadOfTheLibrary() {
        List<String> names = Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.startsWith("modbus") || name.startsWith("channel-fsm"))
                .toList();
        if (!names.isEmpty()) {
            throw new IllegalStateException("the library has started " + names);
        }
        return "none but those that the library was given";
    }

    private void check(String what, Check check) {
        try {
            System.out.printf("  ok      %-26s %s%n", what, check.run());
        } catch (Exception e) {
            failures++;
            System.out.printf("  FAILED  %-26s %s%n", what, e);
            e.printStackTrace();
        }
    }

    @Override
    public void close() {
        loop.shutdownGracefully(0, READY_SECONDS, TimeUnit.SECONDS).awaitUninterruptibly();
        worker.shutdownNow();
        timer.shutdownNow();
    }

    private static ProcessImage image() {
        ProcessImage image = new ProcessImage();
        image.with(all -> {
            all.writeHoldingRegisters(registers -> {
                registers.put(FIRST, new byte[] {0, 1});
                registers.put(FIRST + 1, new byte[] {(byte) 0x80, 0});
                registers.put(FIRST + 2, new byte[] {(byte) 0xFF, (byte) 0xFF});
            });
            all.writeInputRegisters(registers -> {
                for (int index = 0; index < COUNT; index++) {
                    registers.put(FIRST + index, new byte[] {0, (byte) (11 + index)});
                }
            });
        });
        return image;
    }

    /** What is tried; tells what was found, or throws. */
    private interface Check {
        String run() throws Exception;
    }

    /** Learns the port that the system has chosen for a server. */
    private static final class PortReader extends ChannelInboundHandlerAdapter {
        private final CompletableFuture<Integer> port;

        PortReader(CompletableFuture<Integer> port) {
            this.port = port;
        }

        @Override
        public void channelActive(ChannelHandlerContext context) {
            port.complete(((InetSocketAddress) context.channel().localAddress()).getPort());
        }
    }

    /** A unit that refuses the addresses that it does not have; the library's own services answer those with zeros. */
    private static final class Device implements ModbusServices {
        private final ReadWriteModbusServices registers;

        Device(ProcessImage image) {
            registers = new ReadWriteModbusServices() {
                @Override
                protected Optional<ProcessImage> getProcessImage(int unitId) {
                    return unitId == UNIT ? Optional.of(image) : Optional.empty();
                }
            };
        }

        @Override
        public ReadHoldingRegistersResponse readHoldingRegisters(
                ModbusRequestContext context, int unitId, ReadHoldingRegistersRequest request)
                throws ModbusResponseException, UnknownUnitIdException {
            if (request.address() < FIRST || request.address() + request.quantity() > FIRST + COUNT) {
                throw new ModbusResponseException(
                        FunctionCode.READ_HOLDING_REGISTERS, ExceptionCode.ILLEGAL_DATA_ADDRESS);
            }
            return registers.readHoldingRegisters(context, unitId, request);
        }

        @Override
        public ReadInputRegistersResponse readInputRegisters(
                ModbusRequestContext context, int unitId, ReadInputRegistersRequest request)
                throws UnknownUnitIdException {
            return registers.readInputRegisters(context, unitId, request);
        }

        @Override
        public WriteSingleRegisterResponse writeSingleRegister(
                ModbusRequestContext context, int unitId, WriteSingleRegisterRequest request)
                throws UnknownUnitIdException {
            return registers.writeSingleRegister(context, unitId, request);
        }
    }

    /** The library's server, which computes the checksum of an exception response without the response; this one puts it right. */
    private static final class RtuServer extends ModbusRtuServer {
        RtuServer(SerialPortServerTransport transport, ModbusServices services) {
            super(ModbusServerConfig.create(settings -> {}), transport, services);
        }

        @Override
        protected ModbusRtuFrame handleModbusRtuFrame(
                ModbusRtuRequestContext context, int unitId, int functionCode, ModbusRequestPdu request)
                throws Exception {
            ByteBuffer answer = super.handleModbusRtuFrame(context, unitId, functionCode, request)
                    .pdu();
            Crc16 checksum = new Crc16();
            checksum.update(unitId);
            checksum.update(answer);
            byte[] bytes = {(byte) checksum.getValue(), (byte) (checksum.getValue() >> 8)};
            return new ModbusRtuFrame(unitId, answer, ByteBuffer.wrap(bytes));
        }
    }

    /** A transport that remembers the code of the last exception response, for which the library's client takes the function code. */
    private static final class Line implements ModbusRtuClientTransport {
        private static final int EXCEPTION = 0x80;

        private final ModbusRtuClientTransport transport;
        private volatile int exceptionCode;

        Line(ModbusRtuClientTransport transport) {
            this.transport = transport;
        }

        @Override
        public void receive(Consumer<ModbusRtuFrame> receiver) {
            transport.receive(frame -> {
                ByteBuffer answer = frame.pdu();
                if ((answer.get(answer.position()) & EXCEPTION) != 0) {
                    exceptionCode = Byte.toUnsignedInt(answer.get(answer.position() + 1));
                }
                receiver.accept(frame);
            });
        }

        @Override
        public CompletionStage<Void> connect() {
            return transport.connect();
        }

        @Override
        public CompletionStage<Void> disconnect() {
            return transport.disconnect();
        }

        @Override
        public CompletionStage<Void> send(ModbusRtuFrame frame) {
            return transport.send(frame);
        }

        @Override
        public boolean isConnected() {
            return transport.isConnected();
        }

        @Override
        public void resetFrameParser() {
            transport.resetFrameParser();
        }
    }
}
