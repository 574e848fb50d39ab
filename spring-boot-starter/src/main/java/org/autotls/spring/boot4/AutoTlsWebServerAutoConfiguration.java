package org.autotls.spring.boot4;

import org.apache.catalina.startup.Tomcat;
import org.autotls.AutoTls;
import org.autotls.spring.AutoTlsAutoConfiguration;
import org.autotls.spring.Http2Setting;
import org.autotls.spring.JettyEndpoint;
import org.autotls.spring.ReactorNettyEndpoint;
import org.autotls.spring.TomcatEndpoint;
import org.eclipse.jetty.server.Server;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.jetty.ConfigurableJettyWebServerFactory;
import org.springframework.boot.reactor.netty.NettyReactiveWebServerFactory;
import org.springframework.boot.tomcat.ConfigurableTomcatWebServerFactory;
import org.springframework.boot.web.server.WebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.boot.web.server.context.WebServerInitializedEvent;
import org.springframework.context.ApplicationListener;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.core.env.Environment;
import reactor.netty.http.server.HttpServer;

/**
 * Gives the web server of Spring Boot 4 its certificates, be it Tomcat, Jetty or Reactor Netty. Issuing begins when it
 * listens. HTTP/2 is on unless {@code server.http2.enabled=false}. A management server on a port of its own is left alone.
 *
 * <p>Here is only what has another name in another line of Spring Boot.
 */
@AutoConfiguration(after = AutoTlsAutoConfiguration.class)
@ConditionalOnClass(WebServerFactory.class)
@ConditionalOnBean(AutoTls.class)
public final class AutoTlsWebServerAutoConfiguration {

    /** Made by Spring. */
    public AutoTlsWebServerAutoConfiguration() {}

    @Bean
    IssuingStart autoTlsIssuingStart(AutoTls autoTls) {
        return new IssuingStart(autoTls);
    }

    /** Servlet or reactive. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass({Tomcat.class, ConfigurableTomcatWebServerFactory.class})
    static final class TomcatConfiguration {

        @Bean
        WebServerFactoryCustomizer<ConfigurableTomcatWebServerFactory> autoTlsTomcat(
                AutoTls autoTls, Environment environment) {
            return factory -> {
                factory.setHttp2(Http2Setting.of(environment));
                factory.addConnectorCustomizers(connector -> TomcatEndpoint.secure(connector, autoTls));
            };
        }
    }

    /** Servlet or reactive. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass({Server.class, ConfigurableJettyWebServerFactory.class})
    static final class JettyConfiguration {

        @Bean
        JettyCustomizer autoTlsJetty(AutoTls autoTls, Environment environment) {
            return new JettyCustomizer(autoTls, environment);
        }
    }

    /** WebFlux. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass({HttpServer.class, NettyReactiveWebServerFactory.class})
    static final class NettyConfiguration {

        @Bean
        WebServerFactoryCustomizer<NettyReactiveWebServerFactory> autoTlsNetty(
                AutoTls autoTls, Environment environment) {
            return factory -> factory.addServerCustomizers(new ReactorNettyEndpoint(autoTls, environment)::secure);
        }
    }

    /** Before those of Spring Boot, whose settings are for the connector that is put in place here. */
    private record JettyCustomizer(AutoTls autoTls, Environment environment)
            implements WebServerFactoryCustomizer<ConfigurableJettyWebServerFactory>, Ordered {

        @Override
        public void customize(ConfigurableJettyWebServerFactory factory) {
            factory.addServerCustomizers(server -> JettyEndpoint.replace(server, autoTls, environment));
        }

        @Override
        public int getOrder() {
            return HIGHEST_PRECEDENCE;
        }
    }

    /** The management server, on a port of its own, is not the one that a CA asks. */
    private record IssuingStart(AutoTls autoTls) implements ApplicationListener<WebServerInitializedEvent> {

        @Override
        public void onApplicationEvent(WebServerInitializedEvent event) {
            if (event.getApplicationContext().getServerNamespace() == null) {
                autoTls.startIssuing();
            }
        }
    }
}
