package org.autotls.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The command's log: one line per event on standard error, in one short form. Configured in code: it starts faster. */
final class Logs {

    /** The command's own events. */
    static final Logger APP = LoggerFactory.getLogger("autotls");

    /** Without stack traces: what a person can act on is in the message; the rest comes with {@code -v}. */
    private static final String SHORT = "%d{HH:mm:ss} %-5level %msg%n%nopex";

    private static final String LONG = "%d{HH:mm:ss.SSS} %-5level [%thread] %logger{0}: %msg%n";

    private Logs() {}

    /** Leaves out what goes as it should, unless somebody asked for details: a report follows. */
    static void quiet() {
        if (LoggerFactory.getILoggerFactory() instanceof LoggerContext context
                && context.getLogger("org.autotls").getLevel() == Level.INFO) {
            context.getLogger("org.autotls").setLevel(Level.WARN);
        }
    }

    /**
     * Sets the log up anew.
     *
     * @param verbosity how often {@code -v} was given: 0 short; 1 our own details with stack traces; 2 all libraries too
     * @param terminal whether a person watches: then a line replaces the line of progress that may stand there
     */
    static void configure(int verbosity, boolean terminal) {
        if (!(LoggerFactory.getILoggerFactory() instanceof LoggerContext context)) {
            return; // embedded with another slf4j back end, which has its own configuration
        }
        context.reset();
        PatternLayoutEncoder encoder = new PatternLayoutEncoder();
        encoder.setContext(context);
        encoder.setPattern((terminal ? Progress.ERASE : "") + (verbosity > 0 ? LONG : SHORT));
        encoder.start();
        ConsoleAppender<ILoggingEvent> appender = new ConsoleAppender<>();
        appender.setContext(context);
        appender.setTarget("System.err");
        appender.setEncoder(encoder);
        appender.start();
        context.getLogger(Logger.ROOT_LOGGER_NAME).addAppender(appender);
        context.getLogger(Logger.ROOT_LOGGER_NAME).setLevel(verbosity > 1 ? Level.DEBUG : Level.WARN);
        Level own = verbosity > 0 ? Level.DEBUG : Level.INFO;
        context.getLogger("autotls").setLevel(own);
        // It wants one for an identifier of this machine that nothing here shows; there may be none.
        context.getLogger("io.netty.util.internal.MacAddressUtil").setLevel(Level.ERROR);
        context.getLogger("org.autotls").setLevel(own);
    }
}
