package org.autotls.spring;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.env.Environment;

/** Says why an application does not start with these properties, and what to do. Stateless. */
final class AutoTlsFailureAnalyzer extends AbstractFailureAnalyzer<AutoTlsFailureAnalyzer.SettingsException> {

    private static final String SERVER_SSL = "server.ssl";

    /** Properties that cannot be used, with what to do about them. */
    static final class SettingsException extends RuntimeException {

        private static final long serialVersionUID = 1;

        private final String action;

        private SettingsException(String message, String action, @Nullable Throwable cause) {
            super(message, cause);
            this.action = action;
        }
    }

    @Override
    protected FailureAnalysis analyze(Throwable rootFailure, SettingsException cause) {
        return new FailureAnalysis(String.valueOf(cause.getMessage()), cause.action, cause);
    }

    static SettingsException refused(RuntimeException cause) {
        return new SettingsException(
                "The properties autotls.* cannot be used: " + cause.getMessage(),
                "Change the properties autotls.*, or remove all of them to serve plain HTTP.",
                cause);
    }

    /**
     * Refuses to guess whose certificates are meant.
     *
     * @throws SettingsException if {@code server.ssl.*} gives the web server certificates, too
     */
    static void refuseServerSsl(Environment environment) {
        Binder binder = Binder.get(environment);
        List<String> set = binder.bind(SERVER_SSL, Bindable.mapOf(String.class, Object.class))
                .map(properties -> properties.keySet().stream()
                        .filter(key -> !key.equals("enabled"))
                        .map(key -> SERVER_SSL + "." + key)
                        .sorted()
                        .toList())
                .orElse(List.of());
        boolean enabled = binder.bind(SERVER_SSL + ".enabled", Boolean.class).orElse(!set.isEmpty());
        if (enabled) {
            throw new SettingsException(
                    "Both autotls and server.ssl are to give the web server its certificates: "
                            + String.join(", ", set.isEmpty() ? List.of(SERVER_SSL + ".enabled") : set)
                            + (set.size() > 1 ? " are" : " is") + " set, too.",
                    "Remove " + SERVER_SSL + ".*, or set " + SERVER_SSL + ".enabled=false, to use autotls. Set"
                            + " autotls.enabled=false to use server.ssl.",
                    null);
        }
    }
}
