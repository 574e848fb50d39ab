package org.autotls.spring.testkit;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.autotls.AutoTls;
import org.autotls.testkit.TlsTestServer;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** An application on the loopback address, with one of the servers that are all on the class path of these tests. */
final class SpringServer implements TlsTestServer {

    @EnableAutoConfiguration
    @RestController
    static class Application {

        private final AtomicInteger requests = new AtomicInteger();

        @GetMapping("/")
        String greet() {
            requests.incrementAndGet();
            return "Hello from Spring Boot\n";
        }
    }

    private final ConfigurableApplicationContext context;

    private SpringServer(ConfigurableApplicationContext context) {
        this.context = context;
    }

    /** The application has an AutoTls of its own. */
    static SpringServer start(SpringLine line, SpringLine.Kind kind, AutoTls autoTls) {
        return new SpringServer(application(line, kind)
                .initializers(
                        context -> ((GenericApplicationContext) context).registerBean(AutoTls.class, () -> autoTls))
                .run());
    }

    /** The application has an AutoTls if properties say so. */
    static SpringServer start(SpringLine line, SpringLine.Kind kind, String... properties) {
        return new SpringServer(application(line, kind, properties).run());
    }

    private static SpringApplicationBuilder application(SpringLine line, SpringLine.Kind kind, String... properties) {
        List<String> all = new ArrayList<>(List.of("server.port=0", "server.address=127.0.0.1"));
        all.addAll(List.of(properties));
        return new SpringApplicationBuilder(Application.class, line.factory(kind))
                .web(kind.type())
                .registerShutdownHook(false)
                .properties(all.toArray(new String[0]));
    }

    ConfigurableApplicationContext context() {
        return context;
    }

    @Override
    public int port() {
        return context.getEnvironment().getRequiredProperty("local.server.port", Integer.class);
    }

    @Override
    public int conversations() {
        return context.getBean(Application.class).requests.get();
    }

    @Override
    public void close() {
        context.close();
    }
}
