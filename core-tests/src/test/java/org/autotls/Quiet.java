package org.autotls;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import java.util.List;
import org.autotls.acme.AcmeIssuer;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.slf4j.LoggerFactory;

/** Keeps tests that fail ten thousand times from writing ten thousand lines. */
public final class Quiet implements BeforeAllCallback, AfterAllCallback {

    private static final List<Class<?>> LOUD =
            List.of(IssuingService.class, Renewal.class, StoreWatch.class, CallbackLane.class, AcmeIssuer.class);

    @Override
    public void beforeAll(ExtensionContext context) {
        LOUD.forEach(type -> ((Logger) LoggerFactory.getLogger(type)).setLevel(Level.OFF));
    }

    @Override
    public void afterAll(ExtensionContext context) {
        LOUD.forEach(type -> ((Logger) LoggerFactory.getLogger(type)).setLevel(null));
    }
}
