package org.autotls.spring.boot4;

import java.util.Optional;
import org.autotls.spring.testkit.OwnEventLoops;
import org.autotls.spring.testkit.SpringLine;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.jetty.servlet.JettyServletWebServerFactory;
import org.springframework.boot.reactor.netty.NettyReactiveWebServerFactory;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.http.client.ReactorResourceFactory;

/** Spring Boot 4. */
final class Boot4 implements SpringLine {

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
    @Import(OwnEventLoops.class)
    static class OnReactorNetty {
        @Bean
        NettyReactiveWebServerFactory webServerFactory(ReactorResourceFactory resources) {
            NettyReactiveWebServerFactory factory = new NettyReactiveWebServerFactory();
            factory.setResourceFactory(resources);
            return factory;
        }
    }

    @Override
    public Class<?> factory(Kind kind) {
        return switch (kind) {
            case TOMCAT -> OnTomcat.class;
            case JETTY -> OnJetty.class;
            case REACTOR_NETTY -> OnReactorNetty.class;
        };
    }

    @Override
    public Optional<String> health(ApplicationContext context) {
        return Optional.ofNullable(context.getBeansOfType(HealthIndicator.class).get("autotlsHealthIndicator"))
                .map(HealthIndicator::health)
                .map(health -> health.getStatus() + " " + health.getDetails());
    }
}
