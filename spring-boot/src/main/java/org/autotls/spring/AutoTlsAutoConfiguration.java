package org.autotls.spring;

import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.OptionalInt;
import org.autotls.AutoTls;
import org.autotls.AutoTlsBuilder;
import org.autotls.StoreException;
import org.autotls.endpoint.ListenAddress;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.actuate.autoconfigure.info.ConditionalOnEnabledInfoContributor;
import org.springframework.boot.actuate.info.InfoContributor;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionMessage;
import org.springframework.boot.autoconfigure.condition.ConditionOutcome;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.SpringBootCondition;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.web.server.ConfigurableWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;
import org.springframework.core.type.AnnotatedTypeMetadata;

/**
 * Opens the {@link AutoTls} of an application that has properties {@code autotls.*}, and closes it with the context. An
 * application may define one by itself instead. The starter for its line of Spring Boot gives it to the web server.
 */
@AutoConfiguration
public final class AutoTlsAutoConfiguration {

    private static final Logger LOG = LoggerFactory.getLogger(AutoTlsAutoConfiguration.class);

    /** Made by Spring. */
    public AutoTlsAutoConfiguration() {}

    /** Where the web server listens: an endpoint string says so for itself. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(ConfigurableWebServerFactory.class)
    static final class AddressConfiguration {

        @Bean
        WebServerFactoryCustomizer<ConfigurableWebServerFactory> autoTlsAddress(
                ObjectProvider<AutoTls> autoTls, Environment environment) {
            return factory -> autoTls.ifAvailable(serving -> {
                AutoTlsFailureAnalyzer.refuseServerSsl(environment);
                address(serving).ifPresent(address -> listen(factory, address));
            });
        }

        private static Optional<ListenAddress.Tcp> address(AutoTls autoTls) {
            try {
                return autoTls.tcpAddress();
            } catch (IllegalArgumentException e) {
                throw AutoTlsFailureAnalyzer.refused(e);
            }
        }

        private static void listen(ConfigurableWebServerFactory factory, ListenAddress.Tcp address) {
            LOG.info(
                    "the web server listens where autotls.endpoint says: {}; server.port and server.address do not count",
                    address);
            factory.setPort(address.port());
            factory.setAddress(address.socketAddress().getAddress());
        }
    }

    /** What the endpoint {@code info} of Actuator tells. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass({InfoContributor.class, ConditionalOnEnabledInfoContributor.class})
    static final class InfoConfiguration {

        @Bean
        @ConditionalOnEnabledInfoContributor("autotls")
        @ConditionalOnMissingBean(name = "autotlsInfoContributor")
        InfoContributor autotlsInfoContributor(ObjectProvider<AutoTls> autoTls) {
            return info -> autoTls.ifAvailable(serving ->
                    info.withDetail("autotls", CertificateReport.of(serving).info()));
        }
    }

    /** Settings from properties. */
    @Configuration(proxyBeanMethods = false)
    @Conditional(OnAutoTlsProperties.class)
    @ConditionalOnMissingBean(AutoTls.class)
    @EnableConfigurationProperties(AutoTlsProperties.class)
    static final class PropertiesConfiguration {

        @Bean(destroyMethod = "close")
        AutoTls autoTls(
                AutoTlsProperties properties,
                ObjectProvider<AutoTlsBuilderCustomizer> customizers,
                Environment environment) {
            AutoTlsFailureAnalyzer.refuseServerSsl(environment);
            try {
                AutoTlsBuilder builder = properties.builder(serverPort(environment));
                customizers.orderedStream().forEach(customizer -> customizer.customize(builder));
                return builder.open();
            } catch (IllegalArgumentException | StoreException | UncheckedIOException e) {
                throw AutoTlsFailureAnalyzer.refused(e);
            }
        }

        private static OptionalInt serverPort(Environment environment) {
            Integer port = environment.getProperty("server.port", Integer.class);
            return port == null || port <= 0 ? OptionalInt.empty() : OptionalInt.of(port);
        }
    }

    /** Whether any property of ours is set, other than {@code autotls.enabled=false}. */
    static final class OnAutoTlsProperties extends SpringBootCondition {

        @Override
        public ConditionOutcome getMatchOutcome(ConditionContext context, AnnotatedTypeMetadata metadata) {
            boolean wanted = Binder.get(context.getEnvironment())
                    .bind("autotls", AutoTlsProperties.class)
                    .map(AutoTlsProperties::enabled)
                    .orElse(false);
            ConditionMessage.Builder message = ConditionMessage.forCondition("properties autotls.*");
            return wanted
                    ? ConditionOutcome.match(message.because("some are set"))
                    : ConditionOutcome.noMatch(message.because("none is set, or autotls.enabled is false"));
        }
    }
}
