package org.autotls.spring.boot3;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.autotls.AutoTls;
import org.autotls.testkit.TlsTestServer;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.web.embedded.jetty.JettyServletWebServerFactory;
import org.springframework.boot.web.embedded.netty.NettyReactiveWebServerFactory;
import org.springframework.boot.web.embedded.tomcat.TomcatServletWebServerFactory;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.http.client.ReactorResourceFactory;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** An application on the loopback address, with one of the servers that are all on the class path of these tests. */
final class SpringServer implements TlsTestServer {

    /** Which server. */
    enum Kind {
        TOMCAT(WebApplicationType.SERVLET, OnTomcat.class),
        JETTY(WebApplicationType.SERVLET, OnJetty.class),
        REACTOR_NETTY(WebApplicationType.REACTIVE, OnReactorNetty.class);

        private final WebApplicationType type;
        private final Class<?> configuration;

        Kind(WebApplicationType type, Class<?> configuration) {
            this.type = type;
            this.configuration = configuration;
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class OnTomcat {
        @Bean
        TomcatServletWebServerFactory webServerFactory() {
            return new TomcatServletWebServerFactory();
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class OnJetty {
        @Bean
        JettyServletWebServerFactory webServerFactory() {
            return new JettyServletWebServerFactory();
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class OnReactorNetty {

        // By default each context that closes takes the event loops of all others in the JVM with it.
        @Bean
        ReactorResourceFactory reactorResources() {
            ReactorResourceFactory resources = new ReactorResourceFactory();
            resources.setUseGlobalResources(false);
            return resources;
        }

        @Bean
        NettyReactiveWebServerFactory webServerFactory(ReactorResourceFactory resources) {
            NettyReactiveWebServerFactory factory = new NettyReactiveWebServerFactory();
            factory.setResourceFactory(resources);
            return factory;
        }
    }

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
    static SpringServer start(Kind kind, AutoTls autoTls, String... properties) {
        return new SpringServer(application(kind, properties)
                .initializers(
                        context -> ((GenericApplicationContext) context).registerBean(AutoTls.class, () -> autoTls))
                .run());
    }

    /** The application has an AutoTls if properties say so. */
    static SpringServer start(Kind kind, String... properties) {
        return new SpringServer(application(kind, properties).run());
    }

    private static SpringApplicationBuilder application(Kind kind, String... properties) {
        List<String> all = new ArrayList<>(List.of("server.port=0", "server.address=127.0.0.1"));
        all.addAll(List.of(properties));
        return new SpringApplicationBuilder(Application.class, kind.configuration)
                .web(kind.type)
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
