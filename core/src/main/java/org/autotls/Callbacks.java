package org.autotls;

import java.util.function.Consumer;

/** Calls listeners and the panic callback, each kind in a lane of its own. Safe for many threads; never blocks. */
final class Callbacks {

    private final ServiceOptions options;
    private final CallbackLane listeners;
    private final CallbackLane alarms;

    Callbacks(ServiceOptions options) {
        this.options = options;
        this.listeners = new CallbackLane(options.callbackExecutor(), options.scheduler());
        this.alarms = new CallbackLane(options.callbackExecutor(), options.scheduler());
    }

    void tell(String what, Consumer<ServiceListener> call) {
        options.listeners().forEach(listener -> listeners.submit("listener." + what, () -> call.accept(listener)));
    }

    void panic(Throwable failure, Subject subject) {
        alarms.submit("the panic callback for " + subject, () -> options.panic().panic(failure, subject));
    }

    long failures() {
        return listeners.failures() + listeners.dropped() + alarms.failures() + alarms.dropped();
    }

    void close() {
        listeners.close();
        alarms.close();
    }
}
