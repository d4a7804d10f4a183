package dev.berth.catalog;

import jakarta.persistence.Entity;
import jakarta.persistence.Table;

@Entity
@Table(name = "storage_profile")
class StorageProfileEntity extends ProfileEntity {}
