package org.autotls.rig;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.jdi.Bootstrap;
import com.sun.jdi.Method;
import com.sun.jdi.ReferenceType;
import com.sun.jdi.VMDisconnectedException;
import com.sun.jdi.VirtualMachine;
import com.sun.jdi.connect.Connector;
import com.sun.jdi.connect.IllegalConnectorArgumentsException;
import com.sun.jdi.connect.ListeningConnector;
import com.sun.jdi.event.BreakpointEvent;
import com.sun.jdi.event.ClassPrepareEvent;
import com.sun.jdi.event.Event;
import com.sun.jdi.event.EventSet;
import com.sun.jdi.event.VMStartEvent;
import com.sun.jdi.request.BreakpointRequest;
import com.sun.jdi.request.ClassPrepareRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import org.autotls.testkit.Await;

/**
 * Our command under Java's debugger, which stops all of it just before a durable write, so that it can be killed there. The
 * writes of all threads are counted together: strace counts those of each thread on its own, and which thread of a pool does
 * what is chance.
 */
final class DebuggedAutotls implements AutoCloseable {

    /**
     * Where fsync is called from: for what is written, before it is renamed, and for the directory, after a rename or a
     * removal. To stop at the rename, too, would show nothing more: a kill there leaves what one before the fsync left.
     */
    private static final String FILES = "sun.nio.ch.FileChannelImpl";

    private static final String FORCE = "force";

    private final ChildProcess child;
    private final VirtualMachine machine;

    private DebuggedAutotls(ChildProcess child, VirtualMachine machine) {
        this.child = child;
        this.machine = machine;
    }

    /** Starts it, held before its first instruction. */
    static DebuggedAutotls start(Path directory, String... arguments) {
        ListeningConnector connector = Bootstrap.virtualMachineManager().listeningConnectors().stream()
                .filter(one -> one.transport().name().equals("dt_socket"))
                .findFirst()
                .orElseThrow();
        Map<String, Connector.Argument> settings = connector.defaultArguments();
        Objects.requireNonNull(settings.get("localAddress")).setValue("127.0.0.1");
        Objects.requireNonNull(settings.get("timeout")).setValue(Long.toString(Await.HANG_LIMIT.toMillis()));
        try {
            String address = connector.startListening(settings);
            try {
                Map<String, String> environment = Autotls.environment(
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-agentlib:jdwp=transport=dt_socket,server=n,suspend=y,address=" + address);
                ChildProcess child = Autotls.start(directory, environment, arguments);
                return new DebuggedAutotls(child, attached(connector, settings, child));
            } finally {
                connector.stopListening(settings);
            }
        } catch (IllegalConnectorArgumentsException e) {
            throw new AssertionError(e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static VirtualMachine attached(
            ListeningConnector connector, Map<String, Connector.Argument> settings, ChildProcess child)
            throws IllegalConnectorArgumentsException {
        try {
            return connector.accept(settings);
        } catch (IOException e) {
            child.close();
            throw new AssertionError("no JVM came; it printed:\n" + child.output(), e);
        }
    }

    /** Kills it when it is about to do this write, counted from one; false if it came to its good end before. */
    boolean killAt(int number) {
        try {
            int writes = 0;
            while (true) {
                EventSet events = machine.eventQueue().remove(Await.HANG_LIMIT.toMillis());
                if (events == null) {
                    throw new AssertionError("it hangs; it printed:\n" + child.output());
                }
                for (Event event : events) {
                    prepare(event);
                    writes += event instanceof BreakpointEvent ? 1 : 0;
                }
                if (writes == number) {
                    child.kill();
                    return true;
                }
                events.resume();
            }
        } catch (VMDisconnectedException e) {
            assertThat(child.exit(Await.HANG_LIMIT)).as(child.output()).isZero();
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    /** Has it stop at the durable writes, as soon as there is what does them. */
    private void prepare(Event event) {
        if (event instanceof VMStartEvent) {
            ClassPrepareRequest request = machine.eventRequestManager().createClassPrepareRequest();
            request.addClassFilter(FILES);
            request.enable();
            machine.classesByName(FILES).stream()
                    .filter(ReferenceType::isPrepared)
                    .forEach(this::stopIn);
        } else if (event instanceof ClassPrepareEvent prepared) {
            stopIn(prepared.referenceType());
        }
    }

    private void stopIn(ReferenceType type) {
        for (Method method : type.methodsByName(FORCE)) {
            BreakpointRequest stop = machine.eventRequestManager().createBreakpointRequest(method.location());
            stop.enable();
        }
    }

    @Override
    public void close() {
        child.close();
    }
}
