package org.autotls;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/** The settings of an {@link IssuingService}, as {@link IssuingServiceBuilder} documents them. Immutable. */
record ServiceOptions(
        CertificateStore store,
        StateStore state,
        Supplier<Issuer> issuers,
        Scheduler scheduler,
        Executor executor,
        Executor callbackExecutor,
        RenewalPolicy policy,
        Duration checkInterval,
        Duration storeInterval,
        Duration attemptTimeout,
        int maxInFlight,
        CertificateKeys keys,
        RandomGenerator random,
        PanicCallback panic,
        List<ServiceListener> listeners) {}
