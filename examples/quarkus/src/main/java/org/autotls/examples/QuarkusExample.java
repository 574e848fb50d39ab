package org.autotls.examples;

import io.quarkus.vertx.http.HttpServerOptionsCustomizer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.ext.web.Router;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.List;
import java.util.Optional;
import org.autotls.AutoTls;
import org.autotls.vertx.AutoTlsVertx;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** Quarkus: {@code java -Dautotls.endpoint=local:certs:tcp:8443 -Dautotls.names[0]=NAME -jar quarkus-run.jar}. */
@ApplicationScoped
public class QuarkusExample implements HttpServerOptionsCustomizer {

    @ConfigProperty(name = "autotls.endpoint")
    String endpoint = "";

    @ConfigProperty(name = "autotls.names")
    Optional<List<String>> names = Optional.empty();

    @Override
    public void customizeHttpsServer(HttpServerOptions options) {
        AutoTls autoTls = AutoTls.endpoint(endpoint)
                .names(names.orElse(List.of()).toArray(new String[0]))
                .agreeToTerms(true)
                .open();
        AutoTlsVertx.endpoint(options, autoTls);
    }

    void routes(@Observes Router router) {
        router.get("/")
                .handler(call -> call.end(
                        "Hello from Quarkus over " + call.request().version().alpnName() + "\n"));
    }
}
