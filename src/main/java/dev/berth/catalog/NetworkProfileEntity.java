package dev.berth.catalog;

import jakarta.persistence.Entity;
import jakarta.persistence.Table;

@Entity
@Table(name = "network_profile")
class NetworkProfileEntity extends ProfileEntity {}
